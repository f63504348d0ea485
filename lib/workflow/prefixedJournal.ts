import type { Journal } from '../run';

/** A journal in which an inner run keeps its steps apart from those of the run around it. */
export function prefixedJournal(journal: Journal, prefix: string): Journal {
	return {
		find: (path, inputHash) => journal.find(prefix + path, inputHash),
		started: (path, inputHash, attempt) => journal.started(prefix + path, inputHash, attempt),
		completed: (path, inputHash, result) => journal.completed(prefix + path, inputHash, result),
		failed: (path, inputHash, attempt, error) =>
			journal.failed(prefix + path, inputHash, attempt, error),
	};
}
