import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, node, start } from '../../harness';

type Json = Record<string, unknown>;

/** A sub-workflow that does what the test says, and notes who ran and how many at once. */
function working(work: (json: Json) => Promise<Json> | Json, name = 'Work') {
	const seen = { order: [] as unknown[], running: 0, most: 0 };
	const workflow = {
		nodes: [
			start(),
			code(name, async (context) => {
				const { json } = context.getInputData()[0]!;
				seen.order.push(json.n ?? json.key);
				seen.most = Math.max(seen.most, ++seen.running);
				await new Promise((resolve) => setImmediate(resolve));
				return await Promise.resolve(json)
					.then(work)
					.then((result) => [[{ json: result as never }]])
					.finally(() => seen.running--);
			}),
		],
		connections: chain('Start', name),
	};
	return { workflow, seen };
}

function fan(options: object, parameters: object = {}) {
	return {
		nodes: [
			start(),
			node('Fan', new ParallelFanOut(), {
				work: 'subWorkflow',
				workflowId: 'work',
				options,
				...parameters,
			} as never),
		],
		connections: chain('Start', 'Fan'),
	};
}

const items = (...jsons: object[]) => ({ input: jsons.map((json) => ({ json: json as never })) });

describe('who may start, and when', () => {
	it('is decided by priority when not all can', async () => {
		const { workflow, seen } = working((json) => json);
		const instance = new TestInstance({ workflows: { work: workflow } });
		await instance.run(
			fan({ priority: '={{ $json.p }}' }, { atOnce: 1 }),
			items(
				{ n: 1, p: 'low' },
				{ n: 2, p: 'critical' },
				{ n: 3, p: 'normal' },
				{ n: 4, p: 'high' },
			),
		);
		// The first has begun before the others ask.
		expect(seen.order).toEqual([1, 2, 4, 3]);
	});

	it('is decided by what a task needs of what there is', async () => {
		const { workflow, seen } = working((json) => json);
		const instance = new TestInstance({ workflows: { work: workflow } });
		const options = { needs: '{"gpu":1,"licences":1}', resources: '{"gpu":8,"licences":2}' };
		const run = await instance.run(fan(options), items({ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }));
		expect(run.json('Fan')).toHaveLength(4);
		expect(seen.most).toBe(2);
		const tooMuch = await instance.run(
			fan({ ...options, needs: '{"licences":3}' }),
			items({ n: 1 }),
		);
		expect(tooMuch.json('Fan', 1)[0]).toMatchObject({ error: { code: 'RESOURCE_OVERFLOW' } });
	});

	it('is decided by a quota of its own for one key, and one for all others', async () => {
		const { workflow, seen } = working((json) => json);
		const instance = new TestInstance({ workflows: { work: workflow } });
		const options = {
			limitKey: '={{ $json.who }}',
			atOncePerKey: 1,
			quotas: '[{"key":"big","maxConcurrent":3}]',
		};
		const who = (name: string) => [1, 2, 3, 4].map((n) => ({ n, who: name }));
		await instance.run(fan(options), items(...who('big')));
		expect(seen.most).toBe(3);
		seen.most = 0;
		await instance.run(fan(options), items(...who('small')));
		expect(seen.most).toBe(1);
	});

	it('follows what the service can take', async () => {
		// Long enough that a busy machine does not look like an overloaded service.
		const { workflow, seen } = working(
			async (json) => await new Promise((resolve) => setTimeout(() => resolve(json), 20)),
		);
		const instance = new TestInstance({ workflows: { work: workflow } });
		const many = Array.from({ length: 60 }, (_, n) => ({ n }));
		await instance.run(fan({ adaptAtOnce: true }, { atOnce: 12 }), items(...many));
		expect(seen.order).toHaveLength(60);
		// It begins with four and grows from there.
		expect(seen.most).toBeGreaterThan(4);
		expect(seen.most).toBeLessThanOrEqual(12);
	});

	it('shrinks when the service refuses', async () => {
		let open = 0;
		let refusals = 0;
		const server = createServer((_, response) => {
			open++;
			setImmediate(() => {
				const refused = open > 2;
				open--;
				refusals += refused ? 1 : 0;
				response.writeHead(refused ? 429 : 200).end();
			});
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const many = Array.from({ length: 40 }, (_, n) => ({ n }));
		const options = { adaptAtOnce: true, maxAttempts: 20, initialDelaySeconds: 0.001 };
		const run = await new TestInstance().run(
			fan(options, { work: 'httpRequest', method: 'GET', url, atOnce: 30 }),
			items(...many),
		);
		server.close();
		server.closeAllConnections();
		expect(run.json('Fan')).toHaveLength(40);
		expect(refusals).toBeLessThan(40);
	});
});

describe('undoing completed tasks when the whole fails', () => {
	function undoing(failsFor?: unknown) {
		const work = working((json) => {
			if (json.n === 3) throw new Error('three is not allowed');
			return { made: json.n };
		});
		const undo = working((json) => {
			if (json.key === failsFor) throw new Error('cannot be undone');
			return json;
		}, 'Undo');
		const instance = new TestInstance({
			workflows: { work: work.workflow, undo: undo.workflow },
		});
		return { work, undo, instance };
	}
	const options = { onTaskFailure: 'stopStarting', undoWorkflowId: 'undo' };
	const numbers = items({ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 });

	it('gives them to a workflow, the last first, and does them again the next time', async () => {
		const { work, undo, instance } = undoing();
		const workflow = fan(options, { atOnce: 1, runKey: `undo-${Math.random()}` });
		const run = await instance.run(workflow, numbers);
		expect(undo.seen.order).toEqual(['1', '0']);
		expect(run.json('Fan', 0)).toEqual([]);
		expect(run.json('Fan', 1)).toMatchObject([
			{ key: '0', status: 'undone', result: { made: 1 }, error: { code: 'UNDONE' } },
			{ key: '1', status: 'undone' },
			{ key: '2', status: 'failed' },
			{ key: '3', status: 'cancelled' },
		]);
		work.seen.order.length = 0;
		await instance.run(workflow, numbers);
		expect(work.seen.order).toEqual([1, 2, 3]);
		await instance.run(workflow, numbers);
		expect(work.seen.order).toEqual([1, 2, 3, 1, 2, 3]);
	});

	it('does not undo when the failure was accepted', async () => {
		const { undo, instance } = undoing();
		const run = await instance.run(fan({ undoWorkflowId: 'undo' }), numbers);
		expect(run.json('Fan', 0)).toHaveLength(3);
		expect(undo.seen.order).toEqual([]);
	});
});
