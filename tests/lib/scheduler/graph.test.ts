import { defineGraph, parseDependencies, STEP_STATUSES, type GraphStep } from '../../../lib';
import { assertMove, mayMove } from '../../../lib/scheduler/transitions';
import { ReadyQueue } from '../../../lib/scheduler/readyQueue';
import { ok, play } from './play';

const step = (more: Partial<GraphStep> = {}): GraphStep => ({ run: ok, ...more });

describe('the shorthand of dependencies', () => {
	it('takes an id, a list, pairs and objects, types in any case', () => {
		expect(parseDependencies(undefined, 's')).toEqual([]);
		expect(parseDependencies('a', 's')).toEqual([{ on: 'a', type: 'required' }]);
		expect(
			parseDependencies(
				['a', ['b', 'OPTIONAL'], { on: 'c', type: 'sequential', timeoutMs: 5 }],
				's',
			),
		).toEqual([
			{ on: 'a', type: 'required' },
			{ on: 'b', type: 'optional' },
			{ on: 'c', type: 'sequential', timeoutMs: 5 },
		]);
		expect(parseDependencies({ a: 'PARALLEL', b: { timeoutMs: 7 } }, 's')).toEqual([
			{ on: 'a', type: 'parallel' },
			{ on: 'b', type: 'required', timeoutMs: 7 },
		]);
	});

	it.each([
		[{ a: 'maybe' }, 'there is no type "maybe"'],
		[{ a: { lifecycle: 'often' } }, 'there is no lifecycle "often"'],
		[{ a: 'conditional' }, 'conditional needs a condition'],
		[{ a: 'timeout' }, 'timeout needs timeoutMs'],
		[{ a: { lifecycle: 'temporary' } }, 'temporary needs expiryMs'],
		[{ a: { lifecycle: 'periodic' } }, 'periodic needs intervalMs'],
		[
			{ a: { type: 'OPTIONAL', lifecycle: 'temporary', expiryMs: 5 } },
			'lifecycle temporary goes with type required alone, not with optional',
		],
		[
			{ a: { type: 'sequential', lifecycle: 'periodic', intervalMs: 5 } },
			'lifecycle periodic goes with type required alone, not with sequential',
		],
		[
			{ a: { type: 'or', lifecycle: 'session' } },
			'lifecycle session goes with type required alone, not with or',
		],
	])('refuses %j', (input, problem) => {
		expect(() => parseDependencies(input as never, 's')).toThrow(
			`Step "s", dependency on "a": ${problem}.`,
		);
	});

	it.each(['once', 'always'] as const)('takes the lifecycle %s with any type', (lifecycle) => {
		const a = { type: 'optional', lifecycle } as const;
		expect(parseDependencies({ a }, 's')).toEqual([{ on: 'a', ...a }]);
	});

	it.each([7, { type: 'required' }])('refuses %j in a list', (item) => {
		expect(() => parseDependencies([item] as never, 's')).toThrow(
			/^Step "s": a dependency must be a step id, \[id, type\] or \{ on, … \}, received /,
		);
	});
});

describe('a graph', () => {
	it('refuses unknown and own ids before anything starts', () => {
		const graph = (steps: Record<string, GraphStep>, start?: string[]) => () =>
			defineGraph({ name: 'g', steps, start });
		expect(graph({ a: step({ dependsOn: 'x' }) })).toThrow(
			'Step "a" depends on "x", which does not exist.',
		);
		expect(graph({ a: step({ dependsOn: 'a' }) })).toThrow('Step "a" depends on itself.');
		expect(graph({ a: step({ next: ['x'] }) })).toThrow(
			'Step "a": next names "x", which does not exist.',
		);
		expect(graph({ a: step() }, ['x'])).toThrow('The start names "x", which does not exist.');
	});

	it('refuses cycles of required, sequential and "and" dependencies, and shows them', () => {
		const steps = {
			z: step({ dependsOn: ['a'] }),
			a: step({ dependsOn: ['d', 'c'] }),
			b: step({ dependsOn: { a: 'sequential' } }),
			c: step({ dependsOn: { b: 'and' } }),
			d: step(),
		};
		expect(() => defineGraph({ name: 'g', steps })).toThrow(
			expect.objectContaining({
				message:
					'The steps wait for each other in a cycle: a → c → b → a. Remove one of these dependencies.',
				details: { cycle: ['a', 'c', 'b', 'a'] },
			}),
		);
	});

	it('accepts dependencies on later steps, and cycles of types that give way', () => {
		const later = { a: step({ dependsOn: 'b' }), b: step({ dependsOn: 'c' }), c: step() };
		expect(() => defineGraph({ name: 'g', steps: later })).not.toThrow();
		const mutual = {
			a: step({ dependsOn: { b: 'optional' } }),
			b: step({ dependsOn: { a: 'required' } }),
		};
		expect(() => defineGraph({ name: 'g', steps: mutual })).not.toThrow();
	});

	it('checks a chain that is longer than any call stack', () => {
		const steps: Record<string, GraphStep> = {};
		for (let i = 0; i < 20_000; i++)
			steps[`s${i}`] = step({ dependsOn: i < 19_999 ? `s${i + 1}` : [] });
		expect(() => defineGraph({ name: 'g', steps })).not.toThrow();
	});

	it('begins with the steps that no other one lists as next', () => {
		const steps = { a: step({ next: ['b'] }), b: step(), c: step({ dependsOn: 'a' }) };
		expect([...defineGraph({ name: 'g', steps }).onDemand]).toEqual(['b']);
	});

	it('begins where it is told to, and where dependencies lead', () => {
		const steps = {
			a: step(),
			b: step(),
			c: step({ dependsOn: 'a' }),
			d: step({ onDemand: false }),
		};
		expect([...defineGraph({ name: 'g', steps, start: ['b'] }).onDemand]).toEqual(['a']);
	});

	it('begins with a step that only names itself, and refuses to begin nowhere', () => {
		const loop = { a: step({ next: ['a'] }) };
		expect([...defineGraph({ name: 'g', steps: loop }).onDemand]).toEqual([]);
		const circle = { a: step({ next: ['b'] }), b: step({ next: ['a'] }) };
		expect(() => defineGraph({ name: 'g', steps: circle })).toThrow(
			'"g" has no step to begin with: each one waits to be named. Say where to start.',
		);
		expect([...defineGraph({ name: 'g', steps: circle, start: ['a'] }).onDemand]).toEqual(['b']);
	});

	it('refuses a limit that is none', async () => {
		await expect(play({ a: ok }, { maxConcurrent: 0 })).rejects.toThrow(
			'Run: maxConcurrent must be a whole number from 1, received 0.',
		);
	});
});

describe('the statuses of a step', () => {
	const allowed: Record<string, string> = {
		pending: 'blocked ready skipped cancelled timed_out',
		blocked: 'ready failed skipped cancelled timed_out',
		ready: 'blocked queued completed cancelled',
		queued: 'blocked running backing_off waiting completed failed cancelled timed_out',
		running: 'queued backing_off waiting completed failed cancelled timed_out',
		backing_off: 'queued failed cancelled timed_out',
		waiting: 'queued backing_off completed failed cancelled timed_out',
	};

	it.each(STEP_STATUSES)('from %s lead where the table says, and nowhere else', (from) => {
		const to = STEP_STATUSES.filter((status) => mayMove(from, status));
		expect(to.join(' ')).toBe(allowed[from] ?? '');
	});

	it('throw at any other move', () => {
		expect(() => assertMove('a#2', 'completed', 'running')).toThrow(
			expect.objectContaining({
				code: 'ILLEGAL_TRANSITION',
				message: 'Step "a#2" cannot go from completed to running.',
				retryable: false,
				details: { path: 'a#2', from: 'completed', to: 'running' },
			}),
		);
		expect(() => assertMove('a', 'queued', 'running')).not.toThrow();
	});
});

describe('the queue of ready steps', () => {
	it('gives back in order, also after many', () => {
		const queue = new ReadyQueue<number>();
		const taken: Array<number | undefined> = [];
		for (let i = 0; i < 3000; i++) queue.push(i);
		for (let i = 0; i < 2500; i++) taken.push(queue.shift());
		queue.push(3000);
		expect(queue.size).toBe(501);
		expect(queue.toArray().slice(0, 2)).toEqual([2500, 2501]);
		for (let i = 0; i < 501; i++) taken.push(queue.shift());
		expect(taken).toEqual(Array.from({ length: 3001 }, (_, i) => i));
		expect([queue.shift(), queue.size]).toEqual([undefined, 0]);
	});
});
