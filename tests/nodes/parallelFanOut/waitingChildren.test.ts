import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IExecuteFunctions } from 'n8n-workflow';

import { FanOutWatch } from '../../../nodes/FanOutWatch/FanOutWatch.node';
import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { defaultStorePath, openSqliteStore, readRun } from '../../../lib';
import { loadPlan } from '../../../nodes/ParallelFanOut/join/plan';
import { n8nRuntime } from '../../../nodes/shared/runtime';
import { TestInstance, chain, code, node, set, start, waitForPost } from '../../harness';
import type { Execution, TestWorkflow } from '../../harness';

let server: Server | undefined;

afterEach(() => {
	server?.close();
	server?.closeAllConnections();
});

/** Lets requests to the instance's addresses arrive there, as n8n's own server would. */
async function listen(instance: TestInstance): Promise<string> {
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk: Buffer) => (body += chunk.toString()));
		request.on('end', () => {
			void instance
				.request(new URL(request.url!, 'http://localhost:5678').toString(), {
					method: 'POST',
					body: JSON.parse(body || '{}'),
				})
				.then((answer) => {
					response.statusCode = answer.status;
					response.setHeader('content-type', 'application/json');
					response.end(JSON.stringify(answer.body));
				});
		});
	});
	await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A sub-workflow that answers even numbers at once, and asks about odd ones. */
function asking(): { workflow: TestWorkflow; answer(n: number, body: object): Promise<void> } {
	const addresses = new Map<number, string>();
	const type = waitForPost('Ask').type;
	const workflow = {
		nodes: [
			start(),
			node('Ask', {
				...type,
				async execute(this: IExecuteFunctions) {
					const n = Number(this.getInputData()[0]!.json.n);
					if (n % 2 === 0) return [[{ json: { n } }]];
					addresses.set(n, this.getSignedResumeUrl());
					return (await type.execute!.call(this)) as never;
				},
			}),
			set('After', { answer: '={{ $json.answer ?? $json.n }}' }),
		],
		connections: chain('Start', 'Ask', 'After'),
	};
	return {
		workflow,
		answer: async (n, body) => {
			const address = addresses.get(n)!;
			const id = new URL(address).pathname.split('/')[2]!;
			await current!.execution(id).settled();
			await current!.request(address, { method: 'POST', body });
			await current!.execution(id).settled();
		},
	};
}

let current: TestInstance | undefined;

/** An instance with a fan-out that has begun to wait for the odd ones of its numbers. */
async function waitingFan(numbers: number[], options: object = {}, more: object = {}) {
	const { workflow: child, answer } = asking();
	current = new TestInstance({ workflows: { child }, nodeTypes: [new FanOutWatch()] });
	const webhookWaitingBaseUrl = `${await listen(current)}/webhook-waiting`;
	current.urls = { webhookWaitingBaseUrl };
	const workflow = {
		nodes: [
			start(),
			node('Fan', new ParallelFanOut(), {
				work: 'subWorkflow',
				workflowId: 'child',
				options: options as never,
				...more,
			}),
			set('End', { key: '={{ $json.key }}', result: '={{ $json.result }}' }),
		],
		connections: chain('Start', 'Fan', 'End'),
	};
	const run = async () =>
		await current!.run(workflow, { input: numbers.map((n) => ({ json: { n } })) });
	return { run, answer, instance: current, workflow };
}

async function untilOver(execution: Execution): Promise<void> {
	const deadline = Date.now() + 4000;
	while (execution.status === 'waiting' && Date.now() < deadline)
		await new Promise((resolve) => setTimeout(resolve, 20));
	await execution.settled();
}

/** The hidden executions that wait, look and wait again. */
function watchersOf(instance: TestInstance): Execution[] {
	return instance.executions.filter(({ workflow }) =>
		workflow.nodes.some(({ node: { name } }) => name === 'Look'),
	);
}

/** Lets the first hidden watcher look at once, instead of after a minute. */
async function watchNow(instance: TestInstance): Promise<Execution> {
	const watcher = watchersOf(instance)[0]!;
	await watcher.settled();
	await instance.expire(watcher);
	return await watcher.settled();
}

describe('sub-workflows that wait', () => {
	it('make the node wait, holding no process, and are joined when all have ended', async () => {
		const { run, answer } = await waitingFan([1, 2, 3]);
		const execution = await run();
		expect(execution.status).toBe('waiting');

		await answer(3, { answer: 'three' });
		expect(execution.status).toBe('waiting');
		await answer(1, { answer: 'one' });
		await untilOver(execution);

		expect(execution.status).toBe('success');
		expect(execution.json('Fan').map(({ key, status, result }) => [key, status, result])).toEqual([
			['0', 'completed', { answer: 'one' }],
			['1', 'completed', { answer: 2 }],
			['2', 'completed', { answer: 'three' }],
		]);
		expect(execution.json('End')).toHaveLength(3);
		expect(execution.items('Fan')[0]?.metadata?.subExecution?.workflowId).toBe('child');
	});

	it('are watched by executions that end when there is nothing more to watch', async () => {
		const { run, answer, instance } = await waitingFan([1]);
		const execution = await run();
		const [first, second] = watchersOf(instance);
		expect([first!.status, second!.status]).toEqual(['waiting', 'waiting']);

		await watchNow(instance);
		expect(first!.status).toBe('waiting');
		expect(execution.status).toBe('waiting');

		await answer(1, { answer: 'late' });
		await untilOver(execution);
		expect(execution.json('Fan')[0]).toMatchObject({ result: { answer: 'late' } });
		await watchNow(instance);
		expect(first!.status).toBe('success');
	});

	it('fail their task when they fail after the wait, or are stopped', async () => {
		const { run, answer, instance } = await waitingFan([1, 3]);
		const execution = await run();
		await answer(1, { answer: 'fine' });
		const [, , stopped] = instance.executions;
		stopped!.data.resultData.error = { message: 'stopped by hand' } as never;
		await untilOver(execution);

		expect(execution.json('Fan', 0).map(({ key }) => key)).toEqual(['0']);
		expect(execution.json('Fan', 1)[0]).toMatchObject({
			key: '1',
			status: 'failed',
			error: { code: 'SUB_WORKFLOW_FAILED', message: 'The sub-workflow failed: stopped by hand' },
		});
	});

	it('are not started again for the same run key once they have answered', async () => {
		const { run, answer, instance } = await waitingFan([5], {}, { runKey: 'waiting-reuse' });
		const first = await run();
		await answer(5, { answer: 'once' });
		await untilOver(first);
		const before = instance.executions.length;
		const second = await run();

		expect(second.status).toBe('success');
		expect(second.json('Fan')[0]).toMatchObject({ result: { answer: 'once' }, reused: true });
		expect(instance.executions.length).toBe(before + 1);
	});

	it('do not hold back a join that has what it needs', async () => {
		const { run } = await waitingFan([1, 2], { waitFor: 'first' });
		const execution = await run();

		expect(execution.status).toBe('success');
		expect(execution.json('Fan', 0).map(({ key }) => key)).toEqual(['1']);
		expect(execution.json('Fan', 1)[0]).toMatchObject({ key: '0', status: 'cancelled' });
	});

	it('are combined like others', async () => {
		const { run, answer } = await waitingFan([1, 2], { combine: 'list' });
		const execution = await run();
		await answer(1, { answer: 'one' });
		await untilOver(execution);

		expect(execution.json('Fan')).toEqual([
			expect.objectContaining({ result: [{ answer: 'one' }, { answer: 2 }], completed: 2 }),
		]);
	});

	it('leave nothing behind when the execution is stopped', async () => {
		const { run, instance } = await waitingFan([1]);
		const execution = await run();
		execution.data.resultData.error = { message: 'stopped' } as never;
		execution.cancel();

		expect((await watchNow(instance)).status).toBe('success');
		const store = await openSqliteStore({ path: defaultStorePath(), clock: n8nRuntime });
		const { status, parts } = (await readRun(store, execution.id))!;
		const child = instance.executions.find(({ workflow }) => workflow.id === 'child')!;
		expect([status, parts.Fan?.message]).toEqual([
			'cancelled',
			`stopped; sub-workflows that wait on, and can be stopped by hand: ${child.id}`,
		]);
	});

	it('refuse what is not for this round of waiting', async () => {
		const { run, answer, instance } = await waitingFan([1]);
		const execution = await run();
		const [watcher] = watchersOf(instance);
		const joinId = String(watcher!.items('Wait')[0]!.json.joinId);
		const store = await openSqliteStore({ path: defaultStorePath(), clock: n8nRuntime });
		const { url } = (await loadPlan(store, joinId))!;
		const post = async (body: object) => await instance.request(url, { method: 'POST', body });

		expect((await post({ nonsense: true })).body).toEqual({ joined: false });
		expect((await post({ joinId: 'other' })).body).toEqual({ joined: false, stale: true });
		expect((await post({ joinId })).body).toEqual({ joined: false });
		expect(execution.status).toBe('waiting');
		await answer(1, { answer: 'ok' });
		await untilOver(execution);
		expect(execution.status).toBe('success');
	});
});

/** Waits until so many executions of an instance wait. */
async function untilWaiting(instance: TestInstance, count: number): Promise<void> {
	const deadline = Date.now() + 4000;
	const waiting = () => instance.executions.filter(({ status }) => status === 'waiting').length;
	while (waiting() < count && Date.now() < deadline) {
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

describe('tasks that survive crashes', () => {
	it('are run by a hidden execution while this one waits', async () => {
		const { run, answer, instance } = await waitingFan([1, 2, 3], { surviveCrashes: true });
		const execution = await run();
		expect(execution.status).toBe('waiting');
		await untilWaiting(instance, 5);
		await answer(1, { answer: 'one' });
		await answer(3, { answer: 'three' });
		await untilOver(execution);
		expect(
			execution.json('Fan').map(({ key, result, attempts }) => [key, result, attempts]),
		).toEqual([
			['0', { answer: 'one' }, 1],
			['1', { answer: 2 }, 1],
			['2', { answer: 'three' }, 1],
		]);
		expect(execution.items('Fan')[1]?.metadata?.subExecution?.workflowId).toBe('child');
	});

	it('say so when files that they return are not kept', async () => {
		const { workflow } = await waitingFan([2], { surviveCrashes: true });
		const file = { data: 'b25l', mimeType: 'text/plain' };
		const child = {
			nodes: [start(), code('Write', () => [[{ json: { n: 2 }, binary: { report: file } }]])],
			connections: chain('Start', 'Write'),
		};
		const instance = new TestInstance({ workflows: { child }, nodeTypes: [new FanOutWatch()] });
		server!.close();
		instance.urls = { webhookWaitingBaseUrl: `${await listen(instance)}/webhook-waiting` };
		const execution = await instance.run(workflow, { input: [{ json: { n: 2 } }] });
		await untilOver(execution);
		expect(execution.json('Fan')[0]).toMatchObject({
			status: 'completed',
			result: { n: 2 },
			error: { code: 'FILES_NOT_KEPT' },
		});
	});

	it('are not run again when the run has recorded them', async () => {
		const options = { surviveCrashes: true, limitKey: '={{ $json.n }}', priority: 'high' };
		const { run, instance } = await waitingFan([2, 4], options, { runKey: 'crash-reuse' });
		const first = await run();
		await untilOver(first);
		expect(first.json('Fan').map(({ reused }) => reused)).toEqual([false, false]);
		const before = instance.executions.length;
		const second = await run();
		expect(second.status).toBe('success');
		expect(second.json('Fan').map(({ reused, result }) => [reused, result])).toEqual([
			[true, { answer: 2 }],
			[true, { answer: 4 }],
		]);
		expect(instance.executions.length).toBe(before + 1);
	});

	it('fail like others', async () => {
		const { instance, workflow } = await waitingFan([2], { surviveCrashes: true });
		const missing = { ...workflow, nodes: [...workflow.nodes] };
		const fan = missing.nodes[1]!;
		missing.nodes[1] = {
			...fan,
			node: { ...fan.node, parameters: { ...fan.node.parameters, workflowId: 'missing' } },
		};
		const execution = await instance.run(missing, { input: [{ json: { n: 2 } }] });
		await untilOver(execution);
		expect(execution.json('Fan', 1)[0]).toMatchObject({ status: 'failed' });
	});
});
