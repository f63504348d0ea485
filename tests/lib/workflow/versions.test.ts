import {
	compareDefinitions,
	decideVersion,
	definitionHash,
	parseDefinition,
	summaryOf,
	type WorkflowDefinition,
} from '../../../lib';

const base = {
	id: 'w',
	name: 'Report',
	description: 'd',
	metadata: { m: 1 },
	steps: [
		{ id: 'search', kind: 'search', parameters: { query: '{{ input.q }}' } },
		{ id: 'write', kind: 'agent', task: 'Write.', depends_on: ['search'] },
	],
};

function version(
	change: (steps: Array<Record<string, unknown>>) => unknown,
	rest: object = {},
): WorkflowDefinition {
	const steps = structuredClone(base.steps) as Array<Record<string, unknown>>;
	const changed = change(steps);
	return parseDefinition({ ...base, steps: Array.isArray(changed) ? changed : steps, ...rest });
}

const original = version(() => undefined);

describe('definitionHash', () => {
	it('is 64 hexadecimal digits', () => {
		expect(definitionHash(original)).toMatch(/^[0-9a-f]{64}$/);
	});

	it.each<[string, WorkflowDefinition]>([
		['its name', version(() => undefined, { name: 'Other' })],
		['its description', version(() => undefined, { description: 'x' })],
		['its id', version(() => undefined, { id: 'other' })],
		['its metadata', version(() => undefined, { metadata: {} })],
		['how the order was said', version(() => undefined, { order: 'sequence' })],
		['the name of a step', version(([first]) => (first!.name = 'Find'))],
		['the metadata of a step', version(([first]) => (first!.metadata = { a: 1 }))],
		['the weight of a step', version(([first]) => (first!.weight = 3))],
		['the order of the steps', version((steps) => [...steps].reverse())],
	])('does not depend on %s', (_, other) => {
		expect(definitionHash(other)).toBe(definitionHash(original));
	});

	it.each<[string, WorkflowDefinition]>([
		['a prompt', version(([, second]) => (second!.task = 'Write!'))],
		['a parameter', version(([first]) => (first!.parameters = { query: 'x' }))],
		['a kind', version(([first]) => (first!.kind = 'http'))],
		['a dependency', version(([, second]) => (second!.depends_on = { search: 'optional' }))],
		['an id', version(([first, second]) => ((first!.id = 'find'), (second!.depends_on = 'find')))],
		['a limit', version(() => undefined, { timeout: 5 })],
		['an input of null', version(([first]) => (first!.input = null))],
		['one step more', version((steps) => [...steps, { id: 'x', kind: 'y' }])],
	])('depends on %s', (_, other) => {
		expect(definitionHash(other)).not.toBe(definitionHash(original));
	});

	it('does not depend on the order in which dependencies are named', () => {
		const joined = (order: string[]) =>
			version((steps) => [...steps, { id: 'end', kind: 'x', depends_on: order }]);
		expect(definitionHash(joined(['search', 'write']))).toBe(
			definitionHash(joined(['write', 'search'])),
		);
	});
});

const NO_CHANGE = { added: [], removed: [], changed: [], settings: [] };

describe('compareDefinitions', () => {
	it('finds no difference in equal work', () => {
		expect(
			compareDefinitions(
				original,
				version(([first]) => (first!.name = 'F')),
			),
		).toEqual(NO_CHANGE);
		expect(summaryOf(NO_CHANGE)).toBe('The workflow is the same.');
	});

	it('names what was added, removed and changed, with the fields', () => {
		const newer = version(
			([, second]) => [
				{ ...second, depends_on: [], task: 'W', input: null },
				{ id: 'new', kind: 'x' },
				{ id: 'newer', kind: 'x' },
			],
			{ timeout: 60, maxConcurrent: 2 },
		);
		const change = compareDefinitions(original, newer);
		expect(change).toEqual({
			added: ['new', 'newer'],
			removed: ['search'],
			changed: [{ stepId: 'write', fields: ['dependencies', 'input', 'task'] }],
			settings: ['maxConcurrent', 'timeoutMs'],
		});
		expect(summaryOf(change)).toBe(
			'The workflow has changed: added new, newer; removed search; changed write (dependencies, input, task); settings maxConcurrent, timeoutMs.',
		);
		expect(compareDefinitions(newer, original).removed).toEqual(['new', 'newer']);
	});
});

describe('decideVersion', () => {
	const changed = version(([, second]) => (second!.task = 'W'));

	it.each(['pinned', 'compatible', 'restart', 'fail'] as const)(
		'goes on with the same work under %s',
		(policy) => {
			const renamed = version(() => undefined, { name: 'Other' });
			expect(decideVersion(policy, original, renamed, ['search'])).toEqual({
				action: 'continue',
				definition: original,
				change: NO_CHANGE,
			});
		},
	);

	it('goes on with the definition the run began with when pinned', () => {
		const decision = decideVersion('pinned', original, changed, []);
		expect(decision).toEqual({
			action: 'continue',
			definition: original,
			change: { ...NO_CHANGE, changed: [{ stepId: 'write', fields: ['task'] }] },
		});
	});

	it('begins again with the new one when told to restart', () => {
		expect(decideVersion('restart', original, changed, ['search'])).toMatchObject({
			action: 'restart',
			definition: changed,
		});
	});

	it('refuses any change when told to fail', () => {
		expect(decideVersion('fail', original, changed, [])).toEqual({
			action: 'refuse',
			reasons: ['The workflow has changed: changed write (task).'],
			change: { ...NO_CHANGE, changed: [{ stepId: 'write', fields: ['task'] }] },
		});
	});

	it('takes a new version that does not contradict what is done', () => {
		const newer = version(([first]) => [first!, { id: 'other', kind: 'x', depends_on: 'search' }]);
		expect(decideVersion('compatible', original, newer, ['search'])).toMatchObject({
			action: 'continue',
			definition: newer,
			change: { added: ['other'], removed: ['write'] },
		});
	});

	it.each<[string, WorkflowDefinition, string[]]>([
		[
			'a completed step is gone',
			version(([, second]) => [{ ...second, depends_on: [] }]),
			['Step "search" has completed and is no longer there.'],
		],
		[
			'a completed step is of another kind',
			version(([first]) => (first!.kind = 'http')),
			['Step "search" has completed as "search" and is now "http".'],
		],
		[
			'a completed step requires something new',
			version(([first, second]) => [
				{ id: 'login', kind: 'x' },
				{ ...first, depends_on: ['login'] },
				second!,
			]),
			['Step "search" has completed and now requires "login".'],
		],
	])('refuses a new version when %s', (_, newer, reasons) => {
		expect(decideVersion('compatible', original, newer, ['search'])).toMatchObject({
			action: 'refuse',
			reasons,
		});
	});

	it('does not mind new dependencies that give way, or that were there before', () => {
		const newer = version(([first, second]) => [
			{ id: 'login', kind: 'x' },
			{ ...first, depends_on: { login: 'optional' } },
			{ ...second, task: 'W' },
		]);
		expect(decideVersion('compatible', original, newer, ['search', 'write']).action).toBe(
			'continue',
		);
	});

	it('asks a step that it does not know of before only what it can', () => {
		const newer = version((steps) => [...steps, { id: 'late', kind: 'x', depends_on: ['write'] }]);
		expect(decideVersion('compatible', original, newer, ['late'])).toMatchObject({
			reasons: ['Step "late" has completed and now requires "write".'],
		});
	});
});
