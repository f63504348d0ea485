import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../../..');

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** The rows of the table of threats, each with the tests that it names. */
function rows(): Array<{ threat: string; tests: Array<{ file: string; title: string }> }> {
	const [, section = ''] = read('docs/human-review.md').split(/^## What could go wrong.*$/m);
	// What was counted is in a table of its own below.
	const [threats = ''] = section.split(/^The heavy cases/m);
	return threats
		.split('\n')
		.filter((line) => line.startsWith('| ') && !/^\| (Threat|-)/.test(line))
		.map((line) => ({
			threat: line.split('|')[1]!.trim(),
			tests: [...line.matchAll(/`([^`]+\.test\.ts)`: _([^_]+)_/g)].map(([, file, title]) => ({
				file: file!,
				title: title!,
			})),
		}));
}

describe('the table of threats in docs/human-review.md', () => {
	it('has a row for each of at least twenty', () => {
		expect(rows().length).toBeGreaterThanOrEqual(20);
	});

	it.each(rows())('names tests that there are: $threat', ({ tests }) => {
		expect(tests).not.toEqual([]);
		const missing = tests.filter(({ file, title }) => !read(file).includes(title));
		expect(missing).toEqual([]);
	});
});
