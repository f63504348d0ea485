import {
	BudgetLedger,
	EngineError,
	MemoryJournal,
	ResourcePool,
	type GraphRunOptions,
} from '../../../lib';
import { current, fails, freshRuntime, ok, play, start, takes, type Steps } from './play';

beforeEach(() => void freshRuntime());
const at = (steps: Steps, options: Partial<GraphRunOptions> = {}) =>
	play(steps, { runtime: current, ...options });

const failing =
	(code: string, retryable = false) =>
	async (): Promise<never> =>
		await Promise.reject(new EngineError(code, 'no', { errorClass: 'server', retryable }));

describe('a run whose budget refuses steps', () => {
	const refused = failing('BUDGET_EXCEEDED');
	const withBudget = (onHard?: 'fail' | 'partial') => ({
		budget: { ledger: new BudgetLedger({ tokens: { hard: 1 } }), ...(onHard && { onHard }) },
	});

	it('is completed in part when it is to make do with what there is', async () => {
		const { result } = await at({ a: ok, b: refused, c: takes(5) }, withBudget('partial'));
		expect(result).toMatchObject({
			status: 'completed',
			outcome: 'partial',
			cause: { kind: 'budget', byStepId: 'b', message: 'no' },
		});
		expect(result).not.toHaveProperty('error');
	});

	it.each([undefined, 'fail'] as const)('fails when told %s', async (onHard) => {
		const { result } = await at({ a: ok, b: refused }, withBudget(onHard));
		expect(result).toMatchObject({ status: 'failed', error: { code: 'BUDGET_EXCEEDED' } });
	});

	it('fails without a budget of its own, and with any other failure', async () => {
		const { result } = await at({ a: ok, b: refused });
		expect(result).toMatchObject({ status: 'failed', outcome: 'failure' });
		const other = await at({ a: ok, b: failing('OTHER') }, withBudget('partial'));
		expect(other.result).toMatchObject({ status: 'failed', error: { code: 'OTHER' } });
	});

	it('insists on a step that was cancelled', async () => {
		const play = start({ a: takes(10) }, { runtime: current, ...withBudget('partial') });
		await current.advance(1);
		play.run.cancelStep('a');
		expect(await play.end()).toMatchObject({ status: 'failed' });
	});

	it('has no cause when nothing was refused', async () => {
		const { result } = await at({ a: ok }, withBudget('partial'));
		expect(result).toMatchObject({ status: 'completed', outcome: 'success' });
		expect(result).not.toHaveProperty('cause');
	});
});

describe('the error of a run', () => {
	it.each([
		[true, undefined, true],
		[false, undefined, false],
		[true, { maxAttempts: 1 }, true],
		[true, { maxAttempts: 2, initialDelayMs: 0 }, false],
		[false, { maxAttempts: 1 }, false],
	])('is worth a retry (%s) unless the step retries itself (%j): %s', async (...given) => {
		const [retryable, retry, expected] = given;
		const run = failing('E', retryable);
		const { result } = await at({ a: { run, ...(retry && { retry }) } });
		expect(result.error).toEqual({
			code: 'E',
			errorClass: 'server',
			message: 'Step "a" failed: no',
			retryable: expected,
			details: { stepId: 'a' },
		});
	});

	it('is of the first step in the order of the graph among those that end at once', async () => {
		const { result } = await at({ a: failing('A'), b: failing('B') });
		expect(result.error).toMatchObject({ code: 'A' });
	});

	it('is of the step that failed first, not of the first in the graph', async () => {
		const late = async () => {
			await current.sleep(10);
			return await fails();
		};
		const { result } = await at({ a: late, b: failing('B') });
		expect(result.error).toMatchObject({ code: 'B' });
	});

	it('is nobody’s while all who depend on the step can do without it', async () => {
		const dependsOn = [{ on: 'a', type: 'timeout' as const, timeoutMs: 50 }];
		const { result } = await at({ a: fails, b: { run: ok, dependsOn } });
		expect(result).toMatchObject({ status: 'completed', outcome: 'partial' });
		const both: Steps = {
			a: fails,
			b: { run: ok, dependsOn },
			c: { run: ok, dependsOn: 'a' },
		};
		expect((await at(both)).result.status).toBe('failed');
	});
});

describe('a step that ends badly tells why in its event', () => {
	const data = (play: { events: Array<{ type: string; stepPath?: string; data?: unknown }> }) =>
		play.events.find(
			({ type, stepPath }) =>
				stepPath === 'b' && /^step\.(failed|timed_out|cancelled|skipped)$/.test(type),
		);

	it('for an input that cannot be computed', async () => {
		const input = () => {
			throw new Error('no input');
		};
		const play = await at({ b: { run: ok, input } });
		expect(data(play)).toMatchObject({
			type: 'step.failed',
			data: {
				error: {
					code: 'INPUT_FAILED',
					message: 'The input of step "b" could not be computed: no input',
					retryable: false,
				},
			},
		});
	});

	it('for a dependency that takes too long', async () => {
		const dependsOn = [{ on: 'a', type: 'required' as const, timeoutMs: 5 }];
		const play = await at({ a: takes(50), b: { run: ok, dependsOn } });
		const message = 'Step "b" waited longer than 5 ms for "a".';
		expect(data(play)).toMatchObject({
			type: 'step.timed_out',
			data: {
				error: {
					...{ code: 'TIMEOUT', errorClass: 'timeout', message, retryable: false },
					details: { on: 'a', limitMs: 5 },
				},
			},
		});
		expect(play.run.step('b')).toMatchObject({
			cause: { kind: 'dependency', byStepId: 'a', message },
		});
		expect(play.events.find(({ type }) => type === 'step.dependency_timed_out')).toMatchObject({
			stepPath: 'b',
			data: { on: 'a' },
		});
	});

	it('for a place in the run that does not become free', async () => {
		const b = { run: ok, timeouts: { scheduleToStartMs: 5 } };
		const play = await at({ a: takes(50), b }, { maxConcurrent: 1 });
		expect(data(play)).toMatchObject({
			type: 'step.timed_out',
			data: {
				error: {
					...{ code: 'TIMEOUT', errorClass: 'timeout', retryable: false },
					message: 'Step "b" waited longer than 5 ms for a place to run.',
					details: { kind: 'scheduleToStart', limitMs: 5 },
				},
			},
		});
	});

	it('for more than the pool has', async () => {
		const pool = new ResourcePool({ name: 'p', totals: { cpu: 1 } }, current);
		const play = await at({ b: { run: ok, resources: { cpu: 2 } } }, { pool });
		const ended = data(play);
		expect(ended).toMatchObject({
			type: 'step.failed',
			data: { error: { message: expect.any(String) as string } },
		});
		expect(play.run.step('b')).toMatchObject(ended!.data as object);
	});

	it('for its own failure, and for being cancelled', async () => {
		expect(data(await at({ b: fails }))).toMatchObject({ data: { error: { code: 'BOOM' } } });
		const { run, end, ...played } = start({ b: takes(50) }, { runtime: current });
		await current.advance(1);
		run.cancelStep('b');
		await end();
		expect(data(played)).toMatchObject({
			type: 'step.cancelled',
			data: { cause: { kind: 'user' } },
		});
	});

	it('for being cancelled before it began, and for being skipped', async () => {
		const steps: Steps = { a: takes(5), b: { run: ok, dependsOn: 'a' } };
		const { run, end, ...played } = start(steps, { runtime: current });
		await current.advance(1);
		run.cancelStep('b');
		await end();
		expect(data(played)).toMatchObject({
			type: 'step.cancelled',
			data: { cause: { kind: 'user' } },
		});
		const skipped = await at({ a: fails, b: { run: ok, dependsOn: 'a' } });
		expect(data(skipped)).toMatchObject({
			type: 'step.skipped',
			data: { cause: { kind: 'dependency', byStepId: 'a' } },
		});
	});

	it('for having been broken off by a crash', async () => {
		const journal = new MemoryJournal();
		journal.started('b', '', 1);
		const play = await at({ b: { run: ok, whenUnknown: 'fail' } }, { journal });
		const error = {
			code: 'OUTCOME_UNKNOWN',
			errorClass: 'conflict',
			message: 'Step "b" was broken off in attempt 1: nobody knows whether it was done.',
			retryable: false,
			hint: 'Find out whether it was done. With whenUnknown "ask" a person decides.',
		};
		expect(data(play)).toMatchObject({ type: 'step.failed', data: { error } });
	});
});
