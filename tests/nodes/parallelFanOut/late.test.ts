import { ParallelFanOut } from '../../../nodes/ParallelFanOut/ParallelFanOut.node';
import { TestInstance, chain, code, node, start } from '../../harness';

/** A fan-out whose tasks end when they are told to. */
function held() {
	const ends = new Map<number, (fail?: string) => void>();
	const child = {
		nodes: [
			start(),
			code('Work', async (context) => {
				const n = Number(context.getInputData()[0]!.json.n);
				if (n > 0) {
					const failure = await new Promise<string | undefined>((resolve) =>
						ends.set(n, resolve as never),
					);
					if (failure !== undefined) throw new Error(failure);
				}
				return [[{ json: { n } }]];
			}),
		],
		connections: chain('Start', 'Work'),
	};
	const instance = new TestInstance({ workflows: { child } });
	const run = async (numbers: number[], runKey: string) =>
		await instance.run(
			{
				nodes: [
					start(),
					node('Fan', new ParallelFanOut(), {
						work: 'subWorkflow',
						workflowId: 'child',
						runKey,
						options: {
							waitFor: 'deadline',
							deadlineSeconds: 0.5,
							lateTasks: 'deliver',
							taskKey: '={{ $json.n }}',
						},
					}),
				],
				connections: chain('Start', 'Fan'),
			},
			{ input: numbers.map((n) => ({ json: { n } })) },
		);
	const end = async (n: number, failure?: string) => {
		ends.get(n)!(failure);
		await new Promise((resolve) => setTimeout(resolve, 30));
	};
	return { run, end };
}

describe('late tasks', () => {
	it('go on, and come out of a later run of the node', async () => {
		const { run, end } = held();
		// Opens the store: the next run begins at once.
		await run([0], 'late-0');
		const first = await run([0, 1, 2, 3], 'late-1');
		expect(first.json('Fan').map(({ key }) => key)).toEqual(['0']);
		expect(
			first
				.json('Fan', 1)
				.map(({ key, status, error }) => [key, status, (error as { code: string }).code]),
		).toEqual([
			['1', 'late', 'LATE'],
			['2', 'late', 'LATE'],
			['3', 'late', 'LATE'],
		]);
		await end(2);
		await end(3, 'no');
		const second = await run([0, 4], 'late-1');
		expect(second.json('Fan')).toEqual([
			expect.objectContaining({ key: '0', reused: true }),
			expect.objectContaining({ key: '2', status: 'completed', result: { n: 2 }, late: true }),
		]);
		expect(second.json('Fan', 1).map(({ key, status }) => [key, status])).toEqual([
			['4', 'late'],
			['3', 'failed'],
		]);
		expect(second.json('Fan', 1)[1]?.error).toMatchObject({ code: 'SUB_WORKFLOW_FAILED' });
		await end(1);
		await end(4);
		const third = await run([0], 'late-1');
		expect(third.json('Fan').map(({ key, late }) => [key, late])).toEqual([
			['0', undefined],
			['1', true],
			['4', true],
		]);
		expect((await run([0], 'late-1')).json('Fan')).toHaveLength(1);
	});

	it('are taken as what they are when they are asked for again', async () => {
		const { run, end } = held();
		await run([5], 'late-2');
		await end(5);
		const second = await run([5], 'late-2');
		expect(second.json('Fan').map(({ key, reused }) => [key, reused])).toEqual([['5', true]]);
		expect((await run([0], 'late-2')).json('Fan')).toHaveLength(1);
	});
});
