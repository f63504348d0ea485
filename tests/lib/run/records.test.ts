import {
	documentedStatus,
	documentedStepStatus,
	isRunEnded,
	isStepEnded,
	MemoryJournal,
	RUN_STATUSES,
	STEP_STATUSES,
	type SerializedError,
} from '../../../lib';

describe('statuses', () => {
	it('have the names of the documented API', () => {
		expect(RUN_STATUSES.map((status) => `${status} ${documentedStatus(status)}`)).toEqual([
			'pending IDLE',
			'running RUNNING',
			'waiting RUNNING',
			'pausing RUNNING',
			'paused PAUSED',
			'cancelling RUNNING',
			'completed COMPLETED',
			'failed FAILED',
			'cancelled FAILED',
			'timed_out FAILED',
		]);
		expect(STEP_STATUSES.map((status) => `${status} ${documentedStepStatus(status)}`)).toEqual([
			'pending PENDING',
			'blocked BLOCKED',
			'ready READY',
			'queued READY',
			'running RUNNING',
			'backing_off RUNNING',
			'waiting RUNNING',
			'completed COMPLETED',
			'failed FAILED',
			'skipped CANCELLED',
			'cancelled CANCELLED',
			'timed_out TIMEOUT',
		]);
	});

	it('say what has ended', () => {
		expect(RUN_STATUSES.filter(isRunEnded)).toEqual([
			'completed',
			'failed',
			'cancelled',
			'timed_out',
		]);
		expect(STEP_STATUSES.filter(isStepEnded)).toEqual([
			'completed',
			'failed',
			'skipped',
			'cancelled',
			'timed_out',
		]);
	});
});

describe('a journal in memory', () => {
	const error: SerializedError = {
		code: 'BOOM',
		errorClass: 'server',
		message: 'boom',
		retryable: true,
	};
	const result = { output: 1, attempt: 2, order: 5 };

	it('finds what was recorded with the same input', () => {
		const journal = new MemoryJournal();
		journal.started('a', 'h', 1);
		expect(journal.find('a', 'h')).toEqual({
			path: 'a',
			inputHash: 'h',
			status: 'started',
			attempt: 1,
		});
		expect(journal.find('a', 'other')).toBeUndefined();
		expect(journal.find('b', 'h')).toBeUndefined();
		journal.started('a', 'h', 2);
		expect(journal.find('a', 'h')).toMatchObject({ status: 'started', attempt: 2 });
	});

	it('keeps a result, whatever is recorded later', () => {
		const journal = new MemoryJournal();
		journal.started('a', '', 2);
		journal.completed('a', '', result);
		journal.started('a', '', 3);
		journal.failed('a', '', 3, error);
		expect(journal.find('a', '')).toMatchObject({ status: 'completed', attempt: 2, result });
		journal.completed('b', '', { ...result, order: 3 });
		expect(journal.lastOrder()).toBe(5);
		expect(new MemoryJournal().lastOrder()).toBe(0);
		expect(journal.all().map(({ path }) => path)).toEqual(['a', 'b']);
	});

	it('opens a failed entry again', () => {
		const journal = new MemoryJournal();
		journal.failed('a', '', 1, error);
		expect(journal.find('a', '')).toMatchObject({ status: 'failed', attempt: 1, error });
		journal.started('a', '', 2);
		expect(journal.find('a', '')).toMatchObject({ status: 'started', attempt: 2 });
		journal.completed('a', '', result);
		expect(journal.find('a', '')?.error).toBeUndefined();
	});
});
