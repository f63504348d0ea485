import tseslint from 'typescript-eslint';

/** The engine again, with the rules that need to know the types. */
export default tseslint.config({
	files: ['lib/**/*.ts'],
	extends: [tseslint.configs.recommendedTypeChecked],
	languageOptions: { parserOptions: { project: './tsconfig.json' } },
});
