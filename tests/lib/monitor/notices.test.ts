import { noUsage, type RunPicture } from '../../../lib';
import { noticesOf } from '../../../lib/monitor/notices';
import { NOON, run, step } from './pictures';

const RULE = { now: NOON + 10_000, stalledAfterMs: 60_000 };

const told = (picture: RunPicture, rule = RULE) =>
	noticesOf(picture, rule).map(({ type, step: of }) => (of === undefined ? type : `${type} ${of}`));

describe('what there is to be told of a run', () => {
	it('is what its picture shows, in the order in which it happened', () => {
		const picture = run({
			status: 'failed',
			endedAt: NOON + 9000,
			error: { errorClass: 'budget', message: 'Too dear.' },
			budgetReached: [
				{ at: NOON + 2500, error: { message: 'The first part is all there is.' } },
				{ at: NOON + 9000, error: { errorClass: 'budget', message: 'Too dear.' } },
			],
			updatedAt: NOON + 9000,
			steps: [
				step('b', { startedAt: NOON + 3000, endedAt: NOON + 4000, status: 'timed_out' }),
				step('a', { startedAt: NOON + 1000, endedAt: NOON + 2000 }),
				step('c', { startedAt: NOON + 5000, status: 'running' }),
				step('d', { endedAt: NOON + 6000, status: 'skipped' }),
				step('n/1', { kind: 'item', startedAt: NOON, endedAt: NOON }),
			],
			reviews: [{ requestId: 'q', title: 'Approve', openedAt: NOON + 8000 }],
		});
		expect(told(picture)).toEqual([
			'run.started',
			'step.started a',
			'step.completed a',
			'budget.reached',
			'step.started b',
			'step.failed b',
			'step.started c',
			'person.asked',
			'run.failed',
			'budget.reached',
		]);
	});

	it.each([
		['completed', 'run.completed'],
		['cancelled', 'run.cancelled'],
		['timed_out', 'run.failed'],
		['paused', 'run.paused'],
	] as const)('of a run that is %s is %s', (status, type) => {
		expect(told(run({ status }))).toEqual(['run.started', type]);
	});

	it('says that nothing was heard of a running run for long, but not of a waiting one', () => {
		const rule = { now: NOON + 65_000, stalledAfterMs: 60_000 };
		expect(told(run(), rule)).toEqual(['run.started', 'run.stalled']);
		expect(told(run({ status: 'waiting' }), rule)).toEqual(['run.started']);
		expect(told(run(), { ...rule, now: NOON + 64_999 })).toEqual(['run.started']);
	});

	it('carries the run, its progress and usage, and the reason', () => {
		const error = { message: 'No.', hint: 'Yes?' };
		const [, failed] = noticesOf(run({ status: 'failed', error, message: 'Item 3' }), RULE);
		expect(failed).toEqual({
			id: `r1/failed@${NOON + 5000}`,
			type: 'run.failed',
			at: NOON + 5000,
			runId: 'r1',
			name: 'Research',
			progress: 40,
			usage: noUsage(),
			error,
			message: 'Item 3',
		});
	});
});
