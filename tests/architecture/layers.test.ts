import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** A folder of `lib/` may import only from itself and from folders to its left. */
const LAYERS = [
	'core',
	'page',
	'resilience',
	'resources',
	'budget',
	'store',
	'run',
	'scheduler',
	'human',
	'llm',
	'memory',
	'agent',
	'workflow',
	'search',
	'manager',
	'monitor',
	'host',
];

/** What the outside-facing folders may import besides the engine itself and zod. */
const OUTSIDE: Record<string, RegExp> = {
	'lib/host/': /^(axios|node:.+)$/,
	'lib/store/drivers/': /^(node:.+|pg|ioredis)$/,
	'nodes/': /^n8n-workflow$/,
	'credentials/': /^n8n-workflow$/,
};

interface Import {
	file: string;
	specifier: string;
	/** Path from the root when the import is relative. */
	target: string | undefined;
}

function filesBelow(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
	const source = readFileSync(join(ROOT, file), 'utf8');
	const pattern =
		/(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s+'([^']+)'|(?:require|import)\('([^']+)'\)/g;
	return [...source.matchAll(pattern)].map((match) => {
		const specifier = (match[1] ?? match[2])!;
		const target = specifier.startsWith('.')
			? relative(ROOT, resolve(ROOT, dirname(file), specifier))
			: undefined;
		return { file, specifier, target };
	});
}

const published = ['lib', 'nodes', 'credentials'].flatMap((folder) => filesBelow(folder));
const imports = published.flatMap(importsOf);

function layerOf(path: string): string | undefined {
	return /^lib\/([^/]+)\//.exec(path)?.[1];
}

describe('the layers of the package', () => {
	it('finds the files it is about', () => {
		expect(published.length).toBeGreaterThan(10);
		expect(imports.length).toBeGreaterThan(10);
	});

	it('has no folder in lib/ that is not a layer', () => {
		const folders = new Set(filesBelow('lib').map(layerOf));
		folders.delete(undefined);
		expect([...folders].filter((folder) => !LAYERS.includes(folder!))).toEqual([]);
	});

	it('imports from lower layers only', () => {
		const upward = imports.filter(({ file, target }) => {
			const from = layerOf(file);
			const to = layerOf(`${target ?? ''}/`);
			return from !== undefined && to !== undefined && LAYERS.indexOf(to) > LAYERS.indexOf(from);
		});
		expect(upward).toEqual([]);
	});

	it('keeps lib/ away from the rest of the package', () => {
		const leaving = imports.filter(
			({ file, target }) =>
				file.startsWith('lib/') && target !== undefined && !target.startsWith('lib/'),
		);
		expect(leaving).toEqual([]);
	});

	it('lets nodes and credentials use the engine only by its entry', () => {
		const inner = imports.filter(
			({ file, target }) =>
				!file.startsWith('lib/') &&
				target?.startsWith('lib') === true &&
				!['lib', 'lib/index'].includes(target),
		);
		expect(inner).toEqual([]);
	});

	it('imports packages only where they are allowed', () => {
		const stray = imports.filter(({ file, specifier, target }) => {
			if (target !== undefined || specifier === 'zod') return false;
			const folder = Object.keys(OUTSIDE).find((prefix) => file.startsWith(prefix));
			return folder === undefined || !OUTSIDE[folder]!.test(specifier);
		});
		expect(stray).toEqual([]);
	});

	it('keeps the plain-Node host out of the entry, so that n8n never loads it', () => {
		expect(
			imports.filter(
				({ file, target }) => layerOf(`${target ?? ''}/`) === 'host' && layerOf(file) !== 'host',
			),
		).toEqual([]);
	});

	it('has no cycles between files', () => {
		const edges = new Map<string, string[]>();
		for (const { file, target } of imports) {
			if (target === undefined) continue;
			const resolved = [`${target}.ts`, `${target}/index.ts`].find((name) =>
				published.includes(name),
			);
			if (resolved !== undefined) edges.set(file, [...(edges.get(file) ?? []), resolved]);
		}
		expect(findCycle(edges)).toEqual([]);
	});
});

/** The files of one cycle, or none. */
function findCycle(edges: Map<string, string[]>): string[] {
	const done = new Set<string>();
	const path: string[] = [];
	const visit = (file: string): string[] => {
		if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
		if (done.has(file)) return [];
		path.push(file);
		for (const next of edges.get(file) ?? []) {
			const cycle = visit(next);
			if (cycle.length > 0) return cycle;
		}
		path.pop();
		done.add(file);
		return [];
	};
	for (const file of edges.keys()) {
		const cycle = visit(file);
		if (cycle.length > 0) return cycle;
	}
	return [];
}
