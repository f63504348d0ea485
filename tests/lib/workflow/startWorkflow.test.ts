import {
	BudgetLedger,
	MemoryJournal,
	runWorkflow,
	startWorkflow,
	VirtualRuntime,
	type AnyStepKind,
	type WorkflowRunOptions,
} from '../../../lib';
import { stepKinds, transformKind } from '../../../lib/workflow';

const transform = (id: string, value: unknown) => ({
	id,
	kind: 'transform',
	parameters: { value },
});

async function outcome(definition: unknown, options: Partial<WorkflowRunOptions> = {}) {
	const runtime = new VirtualRuntime();
	return await runtime.until(runWorkflow(definition, { runtime, ...options }));
}

describe('runWorkflow', () => {
	it('takes a definition as it is written, runs it and gives its output', async () => {
		const steps = [transform('a', '{{ input.n }}'), transform('b', '{{ steps.a.output }}!')];
		const result = await outcome(
			{ name: 'w', steps, output: { said: '{{ steps.b.output }} {{ who }}' } },
			{ input: { n: 7 }, names: { who: 'me' } },
		);
		expect(result).toMatchObject({ status: 'completed', output: { said: '7! me' } });
	});

	it('works on null without an input', async () => {
		const result = await outcome({ name: 'w', steps: [transform('a', '{{ input }}')] });
		expect(result.output).toBeNull();
	});

	it('has failed when a step fails, or when its output cannot be made', async () => {
		const failed = await outcome({ name: 'w', steps: [transform('a', '{{ nothing }}')] });
		expect(failed.status).toBe('failed');
		expect(failed).not.toHaveProperty('output');
		const steps = [transform('a', 1)];
		expect(await outcome({ name: 'w', steps, output: '{{ steps.a.output.b }}' })).toMatchObject({
			status: 'failed',
			outcome: 'failure',
			outputs: { a: 1 },
			error: { errorClass: 'validation' },
		});
	});

	it('refuses what cannot run', async () => {
		await expect(outcome({ name: 'w', steps: [{ kind: 'x' }] })).rejects.toThrow('not registered');
	});
});

describe('startWorkflow', () => {
	const slow: AnyStepKind = {
		kind: 'slow',
		parameters: stepKinds(transformKind).get('transform')!.parameters.or(transformKind.parameters),
		execute: async ({ runtime, attempt }) => {
			await runtime.sleep(100, attempt.signal);
			return attempt.budget === undefined ? 'free' : 'paid';
		},
	};
	const step = (id: string) => ({ id, kind: 'slow', parameters: { value: 0 } });
	const written = { name: 'w', order: 'graph', steps: [step('a'), step('b')] };

	it('gives a run to watch and stop, with the limits of the definition or those of the caller', async () => {
		const timed = async (definition: object, options: Partial<WorkflowRunOptions> = {}) => {
			const runtime = new VirtualRuntime();
			const { run, result } = startWorkflow(definition, { runtime, kinds: [slow], ...options });
			await runtime.advance(50);
			expect(run.status).toBe('running');
			const { status } = await runtime.until(result);
			return [status, runtime.monotonic()];
		};
		expect(await timed(written)).toEqual(['completed', 100]);
		expect(await timed({ ...written, maxConcurrent: 1 })).toEqual(['completed', 200]);
		expect(await timed({ ...written, maxConcurrent: 1 }, { maxConcurrent: 2 })).toEqual([
			...['completed', 100],
		]);
		expect(await timed({ ...written, timeout: 0.06 })).toEqual(['timed_out', 60]);
		expect(await timed({ ...written, timeout: 0.06 }, { timeoutMs: 70 })).toEqual([
			'timed_out',
			70,
		]);
	});

	it('pays from the ledger it is given, and remembers steps in a journal', async () => {
		const ledger = new BudgetLedger();
		const journal = new MemoryJournal();
		const first = await outcome(written, { kinds: [slow], ledger, journal, runId: 'r' });
		expect(first.outputs).toEqual({ a: 'paid', b: 'paid' });
		const again = await outcome(written, { kinds: [slow], journal, runId: 'r' });
		expect(again.outputs).toEqual({ a: 'paid', b: 'paid' });
	});
});
