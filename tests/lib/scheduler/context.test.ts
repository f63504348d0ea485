import {
	BudgetLedger,
	EngineError,
	goTo,
	ValidationError,
	defineGraph,
	type BodyContext,
} from '../../../lib';
import { current, freshRuntime, full, ok, start, takes, type Steps } from './play';

beforeEach(() => void freshRuntime());
const begin = (steps: Steps, options = {}) => start(steps, { runtime: current, ...options });

/** A run of one step whose body is under way, and what the body sees. */
async function inside(options = {}) {
	let context!: BodyContext;
	const body = async (given: BodyContext) => {
		context = given;
		await current.sleep(100, given.signal);
	};
	const playing = begin(
		{ before: () => 'its output', a: { run: body, dependsOn: 'before' } },
		options,
	);
	await current.advance(1);
	return { ...playing, context };
}

describe('what a body sees of its run', () => {
	it('is the time, the results of others, and who it works for', async () => {
		const { context, end } = await inside({ fairnessKey: 'customer 7' });
		expect(context.now()).toBe(current.now());
		expect(context.output('before')).toBe('its output');
		expect(context.output('a')).toBeUndefined();
		expect(context.output('nobody')).toBeUndefined();
		expect(context.fairnessKey).toBe('customer 7');
		expect(context.parents).toEqual(['before']);
		await end();
	});

	it('is a scope that ends with the step, also when it is asked for late', async () => {
		const { context, run, end } = await inside();
		const early = context.scope;
		expect(context.scope).toBe(early);
		run.cancelStep('a');
		expect(early.signal.aborted).toBe(true);
		await end();
		const late = await inside();
		late.run.cancelStep('a');
		expect(late.context.scope.signal.aborted).toBe(true);
		await late.end();
		const open = await inside();
		expect(open.context.scope.signal.aborted).toBe(false);
		await open.end();
	});

	it('names who it follows: also the completed execution before a renewal', async () => {
		const parents: Array<readonly string[]> = [];
		const steps: Steps = {
			a: ({ iteration, parents: of }: BodyContext) => {
				parents.push(of);
				return goTo(iteration < 3 ? 'a' : null);
			},
		};
		await begin(steps).end();
		expect(parents.slice(1)).toEqual([['a'], ['a#2']]);
	});
});

describe('the budget that a body sees', () => {
	const ledger = () => new BudgetLedger({ tokens: { hard: 10 } });

	it('is none when the run has none', async () => {
		const { context, end } = await inside();
		expect(context.budget).toBeUndefined();
		await end();
	});

	it('is booked under the step, and under the step around the run if there is one', async () => {
		const own = await inside({ budget: { ledger: ledger() } });
		expect(own.context.budget).toMatchObject({ path: 'a' });
		expect(own.context.budget).not.toHaveProperty('save');
		await own.end();
		const inner = await inside({ budget: { ledger: ledger(), path: 'outer' } });
		expect(inner.context.budget).toMatchObject({ path: 'outer/a' });
		await inner.end();
	});

	it('is saved when somebody keeps it', async () => {
		let saved = 0;
		const save = () => void saved++;
		const { context, end } = await inside({ budget: { ledger: ledger(), save } });
		await context.budget!.save!();
		expect(saved).toBe(1);
		await end();
	});

	it.each([
		[undefined, ['budget.reserved:a', 'budget.settled:a']],
		['outer', []],
	])('tells of itself in the run it was given to, inside %s: %j', async (path, told) => {
		const given = ledger();
		const { context, log, end } = await inside({
			budget: { ledger: given, ...(path && { path }) },
		});
		const { budget, signal } = context;
		const asked = { path: budget!.path, amounts: { tokens: 4 } };
		const reservation = await budget!.ledger.reserve(asked, signal);
		reservation.settle({ inputTokens: 3, outputTokens: 1, totalTokens: 4, costUsd: 0, calls: 1 });
		await end();
		expect(log.filter((line) => line.startsWith('budget.'))).toEqual(told);
	});
});

describe('what a body tells', () => {
	it('is said with the words it gave', async () => {
		const { context, events, end } = await inside();
		context.blocked({ kind: 'rate', detail: 'its turn', since: 0 });
		context.breakerChanged({ key: 'api', from: 'closed', to: 'open' });
		context.tell({ seq: 1, at: 7, runId: 'i', type: 'step.started', stepPath: 'x#2' }, 'inner');
		context.tell({ seq: 2, at: 8, runId: 'i', type: 'run.inner' }, 'inner');
		context.progress(0.5, 'half');
		await end();
		const told = events.filter(
			({ type, stepPath }) => stepPath !== 'before' && /^(rate|breaker|step.progress)/.test(type),
		);
		expect(told).toMatchObject([
			{ type: 'rate.waiting', stepPath: 'a', data: { detail: 'its turn' } },
			{ type: 'breaker.open', stepPath: 'a', data: { key: 'api', from: 'closed' } },
			{ type: 'step.progress', stepPath: 'a', data: { fraction: 0.5, message: 'half' } },
		]);
		const nested = events.filter(({ stepPath }) => stepPath?.startsWith('a/'));
		expect(nested).toMatchObject([{ type: 'step.started', stepPath: 'a/inner/x#2', at: 7 }]);
		expect(events.map(({ type }) => type)).not.toContain('run.inner');
	});

	it('is a sign of life: also what steps inside it say', async () => {
		const body = async (context: BodyContext) => {
			for (let seq = 1; seq <= 4; seq++) {
				await current.sleep(8, context.signal);
				context.tell({ seq, at: 0, runId: 'i', type: 'run.progress' }, 'inner');
			}
		};
		const { end } = begin({ a: { run: body, timeouts: { idleMs: 10 } } });
		expect((await end()).status).toBe('completed');
	});
});

describe('a graph that names what does not exist', () => {
	const refusal = (steps: Steps, more = {}) => {
		try {
			defineGraph({ name: 'g', steps: full(steps), ...more });
		} catch (error) {
			return error as ValidationError;
		}
		throw new EngineError('NOT_REFUSED', 'The graph was accepted.');
	};

	it('says which step names what', () => {
		expect(refusal({ a: { run: ok, dependsOn: 'x' } })).toMatchObject({
			message: 'Step "a" depends on "x", which does not exist.',
			details: { stepId: 'a', on: 'x' },
		});
		expect(refusal({ a: ok }, { start: ['x'] })).toMatchObject({
			message: 'The start names "x", which does not exist.',
			details: { id: 'x' },
		});
		const dependsOn = [{ on: 'b', type: 'nonsense' as 'required' }];
		expect(refusal({ a: { run: ok, dependsOn }, b: ok })).toMatchObject({
			details: { stepId: 'a', on: 'b' },
		});
	});
});

describe('why a step waits', () => {
	it('names the places that are taken, and people by the oldest question', async () => {
		const ask = async ({ waitFor }: BodyContext) => {
			const first = waitFor('first');
			await current.sleep(5);
			return await Promise.all([first, waitFor('second')]);
		};
		const asking = begin({ a: async (context: BodyContext) => await ask(bound(context)) });
		await current.advance(10);
		const { openedAt } = asking.run.requests[0]!;
		expect(asking.run.blockedBy('a')).toEqual({
			kind: 'human',
			detail: 'an answer to "first", "second"',
			since: openedAt,
		});
		expect(asking.run.requests[1]!.openedAt).toBe(openedAt + 5);
		void asking.run.cancel();
		await asking.end();
		expect(asking.run.blockedBy('a')).toBeUndefined();
	});

	it('names only the dependencies that are not met', async () => {
		const steps: Steps = { a: ok, b: takes(20), c: { run: ok, dependsOn: ['a', 'b'] } };
		const { run, end } = begin(steps);
		await current.advance(1);
		expect(run.blockedBy('c')).toMatchObject({
			kind: 'dependency',
			detail: '"b" (required, running)',
		});
		await end();
	});
});

/** With methods that may be taken apart. */
function bound(context: BodyContext): BodyContext {
	return Object.assign(Object.create(context) as BodyContext, {
		waitFor: async (name: string) => await context.waitFor(name),
	});
}
