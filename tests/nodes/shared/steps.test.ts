import { randomUUID } from 'node:crypto';

import type { IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';

import { EngineError, readRun } from '../../../lib';
import { runFields, storeCredential } from '../../../nodes/shared/runFields';
import { openSteps } from '../../../nodes/shared/steps';
import { closeStores, openStore } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';

const USAGE = { inputTokens: 3, outputTokens: 2, totalTokens: 5, costUsd: 0.1, calls: 1 };

/** A node that asks an expensive service once per item. */
function asking(ask: (question: unknown) => Promise<unknown>): INodeType {
	return {
		description: {
			displayName: 'Ask',
			name: 'ask',
			group: ['transform'],
			version: 1,
			description: 'Asks',
			defaults: { name: 'Ask' },
			inputs: ['main'],
			outputs: ['main'],
			credentials: [storeCredential],
			properties: runFields,
		},
		async execute(this: IExecuteFunctions) {
			const rows = await Promise.all(
				this.getInputData().map(async ({ json }, index) => {
					const steps = await openSteps(this, index);
					const outcome = await steps.run(`${index}`, json, async () => await ask(json.q), {
						usageOf: () => USAGE,
					});
					const run = await readRun(steps.store, steps.runKey);
					return {
						json: { ...outcome, status: run?.status ?? null } as IDataObject,
						pairedItem: { item: index },
					};
				}),
			);
			return [rows];
		},
	};
}

const items = (...questions: string[]) => questions.map((q) => ({ json: { q, key: `k-${q}` } }));

describe('the steps of a node', () => {
	let ask: jest.Mock;

	beforeEach(() => {
		ask = jest.fn(async (question: unknown) => `answer to ${String(question)}`);
	});
	afterAll(closeStores);

	const execute = async (parameters: object, ...questions: string[]) =>
		await runWorkflow({
			nodes: [start(), node('Ask', asking(ask), { ...parameters })],
			connections: chain('Start', 'Ask'),
			input: items(...questions),
		});

	it('tells the run what they have used and why one failed', async () => {
		const runKey = randomUUID();
		ask.mockImplementation(async (question: unknown) => {
			if (question !== 'c') return await Promise.resolve(1);
			throw new EngineError('BUDGET_EXCEEDED', 'Too dear.', { errorClass: 'budget' });
		});
		await execute({ runKey }, 'a', 'b');
		await execute({ runKey }, 'a', 'c');
		const store = await openStore({ getNode: () => ({ parameters: {} }) } as never);
		const part = (await readRun(store, runKey))!.parts.Ask!;
		expect(part.error).toMatchObject({ errorClass: 'budget', message: 'Too dear.' });
		await execute({ runKey }, 'd');
		expect((await readRun(store, runKey))!.usage).toEqual(USAGE);
	});

	it('reuses what another execution with the same run key has done', async () => {
		const runKey = randomUUID();
		const first = await execute({ runKey }, 'a', 'b');
		expect(first.json('Ask')).toMatchObject([
			{ result: 'answer to a', reused: false, runKey, stepPath: 'Ask/0' },
			{ result: 'answer to b', reused: false, runKey, stepPath: 'Ask/1' },
		]);
		const second = await execute({ runKey }, 'a', 'c');
		expect(second.json('Ask')).toMatchObject([
			{ result: 'answer to a', reused: true },
			{ result: 'answer to c', reused: false },
		]);
		expect(ask).toHaveBeenCalledTimes(3);
	});

	it('does the work again when told to', async () => {
		const runKey = randomUUID();
		await execute({ runKey }, 'a');
		const again = await execute({ runKey, ifAlreadyDone: 'runAgain' }, 'a');
		expect(again.json('Ask')).toMatchObject([{ reused: false }]);
		expect(ask).toHaveBeenCalledTimes(2);
	});

	it('keeps items apart whose run key is an expression', async () => {
		const suffix = randomUUID();
		const run = await execute({ runKey: `={{ $json.key }}-${suffix}` }, 'a', 'b');
		expect(run.json('Ask')).toMatchObject([
			{ runKey: `k-a-${suffix}` },
			{ runKey: `k-b-${suffix}` },
		]);
	});

	it('refuses a run key that is empty for an item', async () => {
		const run = await execute({ runKey: '={{ $json.missing }}' }, 'a');
		expect(run.error?.message).toMatch(/Run Key is empty/);
	});

	it('uses the execution as the run when there is no key', async () => {
		const run = await execute({}, 'a');
		expect(run.json('Ask')).toMatchObject([{ runKey: run.id, reused: false }]);
	});

	it('records how the run stands', async () => {
		const run = await execute({ runKey: randomUUID() }, 'a');
		expect(run.json('Ask')).toMatchObject([{ status: 'completed' }]);
	});

	it('records a failure, and repeats only what failed', async () => {
		const runKey = randomUUID();
		ask.mockImplementation(async (question: unknown) =>
			question === 'bad' && ask.mock.calls.length < 3
				? await Promise.reject(new Error('no answer'))
				: 'fine',
		);
		const failed = await execute({ runKey }, 'good', 'bad');
		expect(failed.error?.message).toBe('no answer');
		const retried = await execute({ runKey }, 'good', 'bad');
		expect(retried.json('Ask')).toMatchObject([
			{ reused: true, result: 'fine' },
			{ reused: false, result: 'fine' },
		]);
	});
});
