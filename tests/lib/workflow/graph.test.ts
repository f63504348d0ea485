import * as fc from 'fast-check';

import {
	checkGraph,
	checkReachable,
	graphError,
	startSteps,
	type LinkedStep,
} from '../../../lib/workflow/graph';

/** `{ b: ['a'] }`: b requires a. */
function graph(
	edges: Record<string, string[]>,
	type: 'required' | 'optional' = 'required',
): LinkedStep[] {
	return Object.entries(edges).map(([id, on]) => ({
		id,
		dependencies: on.map((other) => ({ on: other, type })),
	}));
}

const messages = (steps: LinkedStep[]) => checkGraph(steps).map(({ message }) => message);

describe('checkGraph', () => {
	it('finds nothing wrong with a graph that can run', () => {
		expect(checkGraph([])).toEqual([]);
		expect(checkGraph(graph({ a: [], b: ['a'], c: ['a'], d: ['b', 'c', 'a'] }))).toEqual([]);
		expect(checkGraph(graph({ d: ['b', 'c'], c: ['a'], b: ['a'], a: [] }))).toEqual([]);
	});

	it('names ids used twice, unknown ids and steps that wait for themselves, all at once', () => {
		const steps = [
			...graph({ first: ['first'], second: ['frist', 'zzz'] }),
			{ id: 'second', dependencies: [], next: ['secnod', 'first'] },
		];
		expect(checkGraph(steps)).toEqual([
			{ kind: 'duplicate', stepId: 'second', message: 'Two steps have the id "second"' },
			{ kind: 'self', stepId: 'first', message: 'Step "first" depends on itself' },
			{
				kind: 'unknown',
				stepId: 'second',
				message: 'Step "second" depends on "frist", which does not exist',
			},
			{
				kind: 'unknown',
				stepId: 'second',
				message: 'Step "second" depends on "zzz", which does not exist',
			},
			{
				kind: 'unknown',
				stepId: 'second',
				message: 'Step "second" leads to "secnod", which does not exist (did you mean "second"?)',
			},
		]);
	});

	it.each([
		[{ a: ['b'], b: ['a'] }, 'a → b → a'],
		[{ a: ['c'], b: ['a'], c: ['b'] }, 'a → c → b → a'],
		[{ start: [], x: ['start', 'z'], y: ['x'], z: ['y'] }, 'x → z → y → x'],
		[{ outside: ['p'], p: ['q'], q: ['p'] }, 'p → q → p'],
	])('names the circle of %j', (edges, circle) => {
		const [problem, ...others] = checkGraph(graph(edges));
		expect(others).toEqual([]);
		expect(problem).toMatchObject({
			kind: 'cycle',
			message: `Steps wait for each other in a circle: ${circle}`,
		});
		expect(circle.startsWith(problem!.stepId)).toBe(true);
	});

	it('lets dependencies that give way go round in a circle', () => {
		expect(checkGraph(graph({ a: ['b'], b: ['a'] }, 'optional'))).toEqual([]);
	});

	it.each(['required', 'sequential', 'and'] as const)('does not let %s go round', (type) => {
		const steps = ['a', 'b'].map((id) => ({
			id,
			dependencies: [{ on: id === 'a' ? 'b' : 'a', type }],
		}));
		expect(messages(steps)).toEqual(['Steps wait for each other in a circle: a → b → a']);
	});

	it('lets next lead back, as loops do', () => {
		expect(
			checkGraph([
				{ id: 'a', dependencies: [] },
				{ id: 'b', dependencies: [{ on: 'a', type: 'required' }], next: ['a'] },
			]),
		).toEqual([]);
	});

	it('agrees with a plain search for circles on any graph', () => {
		const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 12 });
		fc.assert(
			fc.property(edges, (pairs) => {
				const real = pairs.filter(([from, to]) => from !== to);
				const steps = Array.from({ length: 8 }, (_, id) => ({
					id: `s${id}`,
					dependencies: real
						.filter(([from]) => from === id)
						.map(([, to]) => ({ on: `s${to}`, type: 'required' as const })),
				}));
				const reaches = (from: number, to: number, seen = new Set<number>()): boolean =>
					real.some(
						([a, b]) => a === from && (b === to || (!seen.has(b) && reaches(b, to, seen.add(b)))),
					);
				const circular = steps.some((_, id) => reaches(id, id));
				expect(checkGraph(steps).length > 0).toBe(circular);
				for (const { message } of checkGraph(steps)) {
					const circle = message.split(': ')[1]!.split(' → ');
					expect(circle.length).toBeGreaterThan(2);
					expect(circle.at(-1)).toBe(circle[0]);
					circle.slice(1).forEach((to, index) => {
						const step = steps.find(({ id }) => id === circle[index]);
						expect(step!.dependencies.map(({ on }) => on)).toContain(to);
					});
				}
			}),
		);
	});

	it('takes a chain of 100,000 steps without running out of stack', () => {
		const chain = Array.from({ length: 100_000 }, (_, index) => ({
			id: `s${index}`,
			dependencies: index === 0 ? [] : [{ on: `s${index - 1}`, type: 'required' as const }],
		}));
		expect(checkGraph(chain)).toEqual([]);
		chain[0]!.dependencies.push({ on: 's99999', type: 'required' });
		expect(checkGraph(chain)).toHaveLength(1);
	});
});

describe('checkReachable', () => {
	const steps = graph({ a: [], b: ['a'], c: [], d: ['c'], e: [] });
	const targets = (id: string) => (id === 'b' ? ['c', 'a'] : []);

	it('follows dependencies and targets from the start', () => {
		expect(checkReachable(steps, ['a'], targets)).toEqual([
			{
				kind: 'unreachable',
				stepId: 'e',
				message: 'Step "e" can never run: no step that runs leads to it',
			},
		]);
		expect(checkReachable(steps, ['a', 'e'], targets)).toEqual([]);
		expect(checkReachable(steps, ['c'], () => []).map(({ stepId }) => stepId)).toEqual([
			'a',
			'b',
			'e',
		]);
	});

	it('begins with the steps that wait for nothing and that nothing leads to', () => {
		expect(startSteps(steps, targets)).toEqual(['e']);
		expect(startSteps(steps, () => [])).toEqual(['a', 'c', 'e']);
	});
});

describe('graphError', () => {
	const problem = (stepId: string) => ({ kind: 'self' as const, stepId, message: `P${stepId}` });

	it('shows ten problems and keeps all', () => {
		const problems = Array.from({ length: 12 }, (_, index) => problem(`${index}`));
		const error = graphError('w', problems);
		expect(error.message).toBe(
			'Workflow "w" cannot run. P0; P1; P2; P3; P4; P5; P6; P7; P8; P9; and 2 more.',
		);
		expect(error.details).toEqual({ problems });
		expect(graphError('w', problems.slice(0, 10)).message).toMatch(/P9\.$/);
	});
});
