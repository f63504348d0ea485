import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import type {
	ICredentialType,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import packageJson from '../../package.json';

const ROOT = resolve(__dirname, '../..');

interface Codex {
	node: string;
	categories: string[];
	alias: string[];
	resources: { primaryDocumentation: Array<{ url: string }> };
}

function filesBelow(folder: string, ending: string): string[] {
	return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith(ending))
		.map((name) => join(folder, name))
		.sort();
}

/** The one class that n8n makes of a file: named as the file. */
function instanceOf<Type>(file: string, ending: string): Type {
	const name = basename(file, ending);
	const exported = jest.requireActual<Record<string, new () => Type>>(join(ROOT, file));
	return new exported[name]!();
}

const nodes = filesBelow('nodes', '.node.ts').map((file) => {
	const node = instanceOf<INodeType>(file, '.node.ts');
	const codex = join(ROOT, file.replace(/\.ts$/, '.json'));
	return { name: basename(file, '.node.ts'), file, node, description: node.description, codex };
});

const credentials = filesBelow('credentials', '.credentials.ts').map((file) => ({
	name: basename(file, '.credentials.ts'),
	file,
	credential: instanceOf<ICredentialType>(file, '.credentials.ts'),
}));

/** Every field of a list of properties, with those inside collections. */
function everyField(properties: readonly INodeProperties[]): INodeProperties[] {
	return properties.flatMap((property) => {
		const inner = (property.options ?? []).flatMap((option) => {
			if ('values' in option) return option.values;
			return 'type' in option ? [option as INodeProperties] : [];
		});
		return [property, ...everyField(inner)];
	});
}

/** Every sentence that people read about a field and its choices. */
function descriptionsOf(field: INodeProperties): string[] {
	const choices = (field.options ?? []).map((option) =>
		'description' in option ? option.description : undefined,
	);
	return [field.description, ...choices].filter((text) => text !== undefined);
}

function expectThemedIcon(icon: unknown, file: string): void {
	const { light, dark } = icon as { light: string; dark: string };
	const files = [light, dark].map((path) =>
		join(ROOT, dirname(file), path.replace(/^file:/, '')),
	) as [string, string];
	expect(files.filter((path) => !existsSync(path))).toEqual([]);
	expect(readFileSync(files[0], 'utf8')).not.toBe(readFileSync(files[1], 'utf8'));
}

/** One sentence has no period at its end; several sentences each have one. */
function endsWell(text: string): boolean {
	const sentences = text.split(/[.!?] (?=[A-Z0-9])/).length;
	return /[.!?]$/.test(text) === sentences > 1;
}

describe('the package', () => {
	it('lists every node and credential, and nothing else', () => {
		const built = (file: string) => `dist/${file.replace(/\.ts$/, '.js')}`;
		expect([...packageJson.n8n.nodes].sort()).toEqual(nodes.map(({ file }) => built(file)));
		expect([...packageJson.n8n.credentials].sort()).toEqual(
			credentials.map(({ file }) => built(file)),
		);
	});
});

describe.each(nodes)('the node $name', ({ file, node, description, codex }) => {
	const fields = everyField(description.properties);

	it('has icons for light and dark', () => {
		expectThemedIcon(description.icon, file);
	});

	it('can be found: by category and by the words people search for', () => {
		const {
			node: type,
			categories,
			alias,
			resources,
		} = JSON.parse(readFileSync(codex, 'utf8')) as Codex;
		expect(type).toBe(`${packageJson.name}.${description.name}`);
		expect(categories.length).toBeGreaterThan(0);
		expect(alias.length).toBeGreaterThanOrEqual(5);
		expect(new Set(alias.map((word) => word.toLowerCase())).size).toBe(alias.length);
		expect(resources.primaryDocumentation[0]?.url).toMatch(/^https:/);
	});

	it('says on the canvas what it does, and names its outputs', () => {
		expect(description.subtitle).toBeTruthy();
		expect(endsWell(description.description)).toBe(true);
		expect(namesOutputs(description)).toBe(true);
	});

	it('can be used as a tool, unless it has sub-nodes, waits or is a trigger', () => {
		const subNodes = typeof description.inputs === 'string';
		// n8n makes another tool of those.
		const waits = (description.webhooks ?? []).length > 0;
		const starts = description.group.includes('trigger');
		expect(description.usableAsTool === true || subNodes || waits || starts).toBe(true);
	});

	it('has the credentials and methods that its fields ask for', () => {
		const known = credentials.map(({ credential }) => credential.name);
		const used = (description.credentials ?? []).map(({ name }) => name);
		expect(used.filter((name) => name.startsWith('agentSwarm') && !known.includes(name))).toEqual(
			[],
		);
		const searches = fields.flatMap(({ modes = [] }) =>
			modes.flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []),
		);
		const methods = Object.keys(node.methods?.listSearch ?? {});
		expect(searches.filter((name) => !methods.includes(name))).toEqual([]);
	});

	it('ends descriptions as n8n does', () => {
		expect(fields.flatMap(descriptionsOf).filter((text) => !endsWell(text))).toEqual([]);
	});

	it('describes switches with "Whether"', () => {
		const switches = fields.filter(({ type }) => type === 'boolean');
		expect(
			switches
				.filter((field) => !/^Whether /.test(field.description ?? ''))
				.map(({ name }) => name),
		).toEqual([]);
	});

	it('gives examples as placeholders', () => {
		const texts = fields.flatMap(({ type, placeholder = '' }) =>
			type === 'string' && placeholder !== '' ? [placeholder] : [],
		);
		expect(texts.filter((text) => !text.startsWith('e.g. '))).toEqual([]);
	});

	it('keeps the options of collections in alphabetical order', () => {
		const unsorted = fields
			.filter(({ type }) => type === 'collection')
			.map(({ options = [] }) =>
				options.map((option) => ('displayName' in option ? option.displayName : '')),
			)
			.filter((names) => names.join() !== [...names].sort((a, b) => a.localeCompare(b)).join());
		expect(unsorted).toEqual([]);
	});
});

/** Several outputs have names; outputs that depend on the fields bring their own. */
function namesOutputs({ outputs, outputNames }: INodeTypeDescription): boolean {
	if (typeof outputs === 'string' || outputs.length < 2) return true;
	return outputNames?.length === outputs.length;
}

describe.each(credentials)('the credential $name', ({ file, credential }) => {
	it('has icons for light and dark', () => {
		expectThemedIcon(credential.icon, file);
	});

	it('can be tested, and tells where it is described', () => {
		const testedBy = nodes.flatMap(({ description }) =>
			(description.credentials ?? []).filter(
				({ name, testedBy: test }) => name === credential.name && test !== undefined,
			),
		);
		expect(credential.test !== undefined || testedBy.length > 0).toBe(true);
		expect(credential.documentationUrl).toMatch(/^https:/);
	});

	it('hides what is secret while it is typed', () => {
		const open = credential.properties.filter(
			({ name, typeOptions }) => /key|token|password|secret/i.test(name) && !typeOptions?.password,
		);
		expect(open.map(({ name }) => name)).toEqual([]);
	});
});

describe('the icons', () => {
	it('of the dark theme are those of the light one in other colours', () => {
		const shape = (file: string) =>
			readFileSync(join(ROOT, file), 'utf8').replace(/#[0-9a-f]{6}/gi, '#');
		const dark = filesBelow('icons', '.dark.svg');
		expect(dark.length).toBeGreaterThan(0);
		expect(dark.filter((file) => shape(file) !== shape(file.replace('.dark', '')))).toEqual([]);
	});

	it('are drawn on the same grid, in two colours', () => {
		const odd = filesBelow('icons', '.svg').filter((file) => {
			const svg = readFileSync(join(ROOT, file), 'utf8');
			const colours = new Set(svg.match(/#[0-9a-f]{6}/gi));
			return !svg.includes('viewBox="0 0 24 24"') || colours.size !== 2;
		});
		expect(odd).toEqual([]);
	});
});
