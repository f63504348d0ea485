import type { LedgerEntry, LedgerRecord, StepStatus } from '../run';
import type { StepPicture } from './runPicture';

const STATUS: Readonly<Record<LedgerRecord['status'], StepStatus>> = {
	started: 'running',
	completed: 'completed',
	failed: 'failed',
};

/** What a ledger knows of one step; of work with several inputs the latest. */
export function recordedStep(record: LedgerRecord): StepPicture {
	const { path, attempt: attempts, at } = record;
	const base = { path, status: STATUS[record.status], attempts, after: [], reused: false };
	switch (record.status) {
		case 'started':
			return { ...base, startedAt: at };
		case 'failed': {
			const { code, message, hint } = record.error;
			return { ...base, endedAt: at, error: { code, message, ...(hint && { hint }) } };
		}
		case 'completed': {
			const { durationMs, usage } = record;
			return {
				...base,
				endedAt: at,
				...(durationMs !== undefined && { startedAt: at - durationMs }),
				...(usage && { usage }),
			};
		}
	}
}

/** The latest record of every path, in the order in which the paths were first recorded. */
export function latestRecords(entries: readonly LedgerEntry[]): Map<string, LedgerRecord> {
	const latest = new Map<string, LedgerRecord>();
	for (const { record } of entries) {
		const before = latest.get(record.path);
		if (before === undefined || before.at <= record.at) latest.set(record.path, record);
	}
	return latest;
}
