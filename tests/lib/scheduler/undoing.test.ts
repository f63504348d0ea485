import { defineGraph, MemoryJournal, restoreGraph, type CompensationContext } from '../../../lib';
import { current, fails, freshRuntime, full, ok, play, start, takes, type Steps } from './play';

beforeEach(() => void freshRuntime());

/** What was undone, with the time it began. */
let undone: string[];
beforeEach(() => void (undone = []));

const undo = {
	compensate: async ({ path, output }: CompensationContext) => {
		undone.push(`${path}=${String(output)}@${current.monotonic()}`);
		await current.sleep(10);
	},
};
const at = (steps: Steps, options = {}) => play(steps, { runtime: current, ...options });

describe('undoing what did not complete', () => {
	it('happens to steps that say so, however they ended, before all that completed', async () => {
		await at({
			done: { run: () => 'x', ...undo },
			failed: { run: fails, dependsOn: 'done', compensateOnFailure: true, ...undo },
			late: {
				run: takes(50),
				timeouts: { startToCloseMs: 5 },
				...{ compensateOnFailure: true, ...undo },
			},
			silent: { run: fails, dependsOn: 'done', ...undo },
			never: { run: ok, dependsOn: 'failed', compensateOnFailure: true, ...undo },
			without: { run: fails, compensateOnFailure: true },
		});
		expect(undone).toEqual(['late=undefined@5', 'failed=undefined@15', 'done=x@25']);
	});

	it('happens to steps that an earlier process had begun, when the run does not go on', async () => {
		const journal = new MemoryJournal();
		journal.started('begun', '', 1);
		journal.started('again', '', 1);
		journal.completed('$cancel', '', { output: { kind: 'user' }, attempt: 1, order: 0 });
		const { result, log } = await at(
			{ begun: { run: ok, ...undo }, other: { run: ok, ...undo } },
			{ journal },
		);
		expect(result.status).toBe('cancelled');
		expect(undone).toEqual(['begun=undefined@0']);
		expect(log).not.toContain('step.started:begun');
	});

	it('knows of them also when that process had begun to undo the run', async () => {
		const journal = new MemoryJournal();
		journal.started('begun', '', 1);
		const verdict = { status: 'failed', outcome: 'failure' };
		journal.completed('$undo', '', { output: verdict, attempt: 1, order: 0 });
		await at({ begun: { run: ok, ...undo } }, { journal });
		expect(undone).toEqual(['begun=undefined@0']);
		await at({ begun: { run: ok, ...undo } }, { journal });
		expect(undone).toEqual(['begun=undefined@0']);
	});

	it('does not happen to steps that this process has begun again', async () => {
		const journal = new MemoryJournal();
		journal.started('begun', '', 1);
		await at({ begun: { run: fails, ...undo } }, { journal });
		expect(undone).toEqual([]);
	});

	it('happens to steps that were running when the checkpoint was taken', async () => {
		const steps: Steps = { a: { run: takes(50), ...undo }, b: { run: takes(50), ...undo } };
		const first = start(steps, { runtime: current, maxConcurrent: 1 });
		await current.advance(10);
		const checkpoint = first.run.checkpoint();
		first.run.release();
		const graph = defineGraph({ name: 'test', steps: full(steps) });
		const next = restoreGraph(graph, checkpoint, { runtime: current });
		await current.until(next.cancel());
		expect(undone).toEqual(['a=undefined@10']);
	});
});

describe('undoing side by side', () => {
	const steps: Steps = {
		first: { run: takes(5, 1), ...undo },
		left: { run: takes(20, 2), dependsOn: 'first', ...undo },
		right: { run: takes(10, 3), dependsOn: 'first', ...undo },
		afterRight: { run: takes(5, 4), dependsOn: 'right', ...undo },
		last: { run: fails, dependsOn: ['left', 'afterRight'] },
	};

	it('happens when it is wanted, to steps that began before the first of them ended', async () => {
		await at(steps, { compensateInParallel: true });
		expect(undone).toEqual(['left=2@25', 'afterRight=4@25', 'right=3@35', 'first=1@45']);
		freshRuntime();
		undone = [];
		const pair: Steps = {
			first: steps.first!,
			left: { run: takes(20, 2), dependsOn: 'first', ...undo },
			right: { run: takes(10, 3), dependsOn: 'first', ...undo },
			last: { run: fails, dependsOn: ['left', 'right'] },
		};
		await at(pair, { compensateInParallel: true });
		expect(undone).toEqual(['left=2@25', 'right=3@25', 'first=1@35']);
	});

	it('is one after another otherwise', async () => {
		await at(steps);
		expect(undone).toEqual(['left=2@25', 'afterRight=4@35', 'right=3@45', 'first=1@55']);
	});
});
