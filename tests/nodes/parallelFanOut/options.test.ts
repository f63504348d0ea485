import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, node, start } from '../../harness';
import type { TestWorkflow } from '../../harness';

/** A sub-workflow whose work is a function of the items it gets. */
function child(work: (jsons: Array<Record<string, unknown>>) => unknown): TestWorkflow {
	return {
		nodes: [
			start(),
			code('Work', async (context) => {
				const result = await work(context.getInputData().map(({ json }) => json));
				return [[result].flat().map((json) => ({ json: json as never }))];
			}),
		],
		connections: chain('Start', 'Work'),
	};
}

/** Runs the node over items, each task being `work`. */
async function fanOut(
	items: object[],
	work: Parameters<typeof child>[0],
	options: object,
	parameters: object = {},
) {
	const instance = new TestInstance({ workflows: { child: child(work) } });
	return await instance.run(
		{
			nodes: [
				start(),
				node('Fan', new ParallelFanOut(), {
					work: 'subWorkflow',
					workflowId: 'child',
					options: options as never,
					...parameters,
				}),
			],
			connections: chain('Start', 'Fan'),
		},
		{ input: items.map((json) => ({ json: { ...json } })) },
	);
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

/** Work that fails for some numbers. */
const failingOn =
	(...bad: number[]) =>
	([json]: Array<Record<string, unknown>>) => {
		if (bad.includes(Number(json!.n))) throw new Error(`no ${String(json!.n)}`);
		return json;
	};

const never = async () => await new Promise<never>(() => undefined);

describe('tasks of several items', () => {
	const echoAll = (jsons: Array<Record<string, unknown>>) => ({ got: jsons.map(({ n }) => n) });

	it('puts items together by number, paired with all of them', async () => {
		const run = await fanOut(numbers(5), echoAll, { itemsPerTask: 2 });

		expect(
			run.items('Fan').map(({ json, pairedItem }) => [json.key, json.result, pairedItem]),
		).toEqual([
			['0', { got: [0, 1] }, [{ item: 0 }, { item: 1 }]],
			['1', { got: [2, 3] }, [{ item: 2 }, { item: 3 }]],
			['2', { got: [4] }, { item: 4 }],
		]);
	});

	it('puts items together by a value, which names the task', async () => {
		const run = await fanOut(numbers(5), echoAll, {
			groupBy: '={{ $json.n % 2 ? "odd" : "even" }}',
		});

		expect(run.json('Fan').map(({ key, result }) => [key, result])).toEqual([
			['even', { got: [0, 2, 4] }],
			['odd', { got: [1, 3] }],
		]);
	});

	it('says which item has nothing to be grouped by', async () => {
		const run = await fanOut([{ g: 'a' }, {}], echoAll, { groupBy: '={{ $json.g }}' });

		expect(run.error?.message).toBe('Group Items By gives nothing for item 1.');
	});
});

describe('task input', () => {
	const echo = (jsons: Array<Record<string, unknown>>) => ({ got: jsons });

	it('maps the input items, to one item or several', async () => {
		const one = await fanOut(numbers(2), echo, { taskInput: '={{ { number: $json.n + 1 } }}' });
		expect(one.json('Fan').map(({ result }) => result)).toEqual([
			{ got: [{ number: 1 }] },
			{ got: [{ number: 2 }] },
		]);
		const several = await fanOut(numbers(1), echo, { taskInput: '[{ "a": 1 }, { "a": 2 }]' });
		expect(several.json('Fan')[0]?.result).toEqual({ got: [{ a: 1 }, { a: 2 }] });
	});

	it('fails the task when it is no object', async () => {
		const run = await fanOut(numbers(1), echo, { taskInput: '={{ $json.n }}' });
		expect(run.json('Fan', 1)[0]?.error).toMatchObject({
			message: 'Task Input has to be an object or a list of objects, received 0.',
		});
	});
});

describe('when a task fails', () => {
	it('starts no more, and lets running tasks finish', async () => {
		const run = await fanOut(
			numbers(5),
			failingOn(1),
			{ onTaskFailure: 'stopStarting' },
			{ atOnce: 2 },
		);

		expect(run.json('Fan', 0).map(({ index }) => index)).toContain(0);
		expect(run.json('Fan', 1).map(({ index, status }) => [index, status])).toEqual(
			expect.arrayContaining([
				[1, 'failed'],
				[4, 'cancelled'],
			]),
		);
	});

	it('cancels the rest at once', async () => {
		const run = await fanOut(
			numbers(3),
			async ([json]) => (json!.n === 1 ? failingOn(1)([json!]) : await never()),
			{ onTaskFailure: 'cancelRest' },
		);

		expect(run.json('Fan', 0)).toEqual([]);
		expect(run.json('Fan', 1).map(({ status }) => status)).toEqual([
			'cancelled',
			'failed',
			'cancelled',
		]);
		expect(run.json('Fan', 1)[0]?.error).toMatchObject({ code: 'CANCELLED', errorClass: 'abort' });
	});

	it('goes on until too many failed', async () => {
		const run = await fanOut(
			numbers(6),
			failingOn(0, 1, 2),
			{ onTaskFailure: 'threshold', maxFailures: 1 },
			{ atOnce: 1 },
		);

		expect(run.json('Fan', 1).map(({ status }) => status)).toEqual([
			'failed',
			'failed',
			'cancelled',
			'cancelled',
			'cancelled',
			'cancelled',
		]);
	});

	it.each([
		[{ maxFailuresPercent: 50 }, 2],
		[{ maxFailuresPercent: 25 }, 0],
		[{ maxFailuresPercent: 50, maxFailures: 0 }, 0],
	])('accepts a share of failures: %j', async (accepted, done) => {
		const run = await fanOut(
			numbers(4),
			failingOn(0, 1),
			{ onTaskFailure: 'threshold', ...accepted },
			{ atOnce: 1 },
		);

		expect(run.json('Fan', 0)).toHaveLength(done);
	});

	it('leaves it out', async () => {
		const run = await fanOut(numbers(3), failingOn(1), { onTaskFailure: 'drop' });

		expect(run.json('Fan', 0).map(({ index }) => index)).toEqual([0, 2]);
		expect(run.json('Fan', 1)).toEqual([]);
	});

	it('completes it with a default result, and still says what went wrong', async () => {
		const run = await fanOut(numbers(2), failingOn(1), {
			onTaskFailure: 'useDefault',
			defaultResult: '{ "n": -1 }',
		});

		expect(run.json('Fan', 1)).toEqual([]);
		expect(run.json('Fan')[1]).toMatchObject({
			status: 'completed',
			result: { n: -1 },
			error: { message: 'The sub-workflow failed: no 1' },
		});
	});
});

describe('waiting for less than all', () => {
	it('takes the first few results', async () => {
		const run = await fanOut(
			numbers(4),
			async ([json]) => (Number(json!.n) % 2 === 0 ? json : await never()),
			{ waitFor: 'some', resultsNeeded: 2 },
		);

		expect(run.json('Fan', 0).map(({ index }) => index)).toEqual([0, 2]);
		expect(run.json('Fan', 1).map(({ index, status }) => [index, status])).toEqual([
			[1, 'cancelled'],
			[3, 'cancelled'],
		]);
	});

	it('takes what is there in time', async () => {
		const run = await fanOut(numbers(2), async ([json]) => (json!.n === 0 ? json : await never()), {
			waitFor: 'deadline',
			deadlineSeconds: 0.05,
		});

		expect(run.json('Fan', 0).map(({ index }) => index)).toEqual([0]);
		expect(run.json('Fan', 1)[0]).toMatchObject({
			index: 1,
			status: 'timed_out',
			error: { code: 'TIMEOUT' },
		});
	});

	it('breaks one attempt off that takes too long, and tries again', async () => {
		let calls = 0;
		const run = await fanOut(numbers(1), async ([json]) => (++calls === 1 ? await never() : json), {
			taskTimeoutSeconds: 0.05,
			maxAttempts: 2,
			initialDelaySeconds: 0,
		});

		expect(run.json('Fan')[0]).toMatchObject({ result: { n: 0 }, attempts: 2 });
	});
});

describe('limits', () => {
	it('keeps tasks with the same limit key apart', async () => {
		const running = new Map<unknown, number>();
		let most = 0;
		let mostOfOne = 0;
		const run = await fanOut(
			[{ c: 'a' }, { c: 'a' }, { c: 'a' }, { c: 'b' }],
			async ([json]) => {
				const of = (running.get(json!.c) ?? 0) + 1;
				running.set(json!.c, of);
				mostOfOne = Math.max(mostOfOne, of);
				most = Math.max(
					most,
					[...running.values()].reduce((sum, count) => sum + count, 0),
				);
				await new Promise((resolve) => setImmediate(resolve));
				running.set(json!.c, running.get(json!.c)! - 1);
				return json;
			},
			{ limitKey: '={{ $json.c }}', atOncePerKey: 1 },
		);

		expect(run.json('Fan')).toHaveLength(4);
		expect(mostOfOne).toBe(1);
		expect(most).toBe(2);
	});

	it('spaces starts out', async () => {
		const starts: number[] = [];
		await fanOut(
			numbers(4),
			([json]) => {
				starts.push(performance.now());
				return json;
			},
			{ startsPerSecond: 50 },
		);

		expect(starts).toHaveLength(4);
		expect(starts[3]! - starts[0]!).toBeGreaterThan(55);
	});
});

describe('combining results', () => {
	it('gives one item with the list of all results', async () => {
		const run = await fanOut(numbers(3), failingOn(1), { combine: 'list' });

		expect(run.json('Fan', 0)).toEqual([
			{
				result: [{ n: 0 }, { n: 2 }],
				completed: 2,
				failed: 1,
				usage: expect.objectContaining({ calls: 0 }),
			},
		]);
		expect(run.items('Fan', 0)[0]?.pairedItem).toEqual([{ item: 0 }, { item: 2 }]);
		expect(run.json('Fan', 1)).toHaveLength(1);
	});

	it('lets the results vote', async () => {
		const run = await fanOut(numbers(3), ([json]) => ({ spam: json!.n !== 1 }), {
			combine: 'vote',
		});

		expect(run.json('Fan')[0]).toMatchObject({
			result: { spam: true },
			votes: { share: 2 / 3 },
			completed: 3,
		});
	});

	it('takes the best', async () => {
		const run = await fanOut(
			numbers(3),
			([json]) => ({ n: json!.n, rank: (Number(json!.n) * 2) % 3 }),
			{
				combine: 'best',
				scoreField: 'rank',
			},
		);

		expect(run.json('Fan')[0]).toMatchObject({
			result: { n: 1, rank: 2 },
			best: { key: '1', score: 2 },
		});
	});

	it('says which result does not fit', async () => {
		const run = await fanOut(numbers(1), () => ({ text: 'x' }), { combine: 'best' });

		expect(run.error?.message).toContain('The result of task "0" has to be or hold a number');
	});

	it('gives nothing when nothing completed', async () => {
		const run = await fanOut(numbers(1), failingOn(0), { combine: 'list' });

		expect(run.json('Fan', 0)).toEqual([]);
		expect(run.json('Fan', 1)).toHaveLength(1);
	});
});

it('names the field whose value cannot be used', async () => {
	const run = await fanOut(numbers(1), ([json]) => json, {}, { atOnce: 0 });

	expect(run.error?.message).toContain('Tasks at Once:');
});
