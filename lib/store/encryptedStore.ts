import { isEngineError } from '../core';
import type { Keyring } from './keyring';
import type { DocumentPage, DocumentWrite, LogEntry, LogRow, Store, StoredDocument } from './store';

/**
 * A store whose bodies and values are encrypted on the way in. Names, states, sizes and times stay
 * readable: the store needs them to find and to order things.
 */
export function encryptedStore(inner: Store, keyring: Keyring): Store {
	const open = async (document: StoredDocument): Promise<StoredDocument> => {
		const { collection, id, value } = document;
		// The salt is needed before there is a key.
		if (collection === META) return document;
		return { ...document, value: await keyring.unseal(value, contextOf(collection, id)) };
	};
	return {
		name: `${inner.name}, encrypted`,

		append: async (entries, guard) => {
			const sealed = entries.map(
				async ({ runId, body }): Promise<LogEntry> => ({
					runId,
					body: await keyring.seal(body, logContext(runId)),
				}),
			);
			return await inner.append(await Promise.all(sealed), guard);
		},

		read: async (runId, range) => {
			const rows = await inner.read(runId, range);
			return await Promise.all(rows.map(async (row) => await openRow(keyring, runId, row)));
		},

		get: async (collection, id) => {
			const document = await inner.get(collection, id);
			return document === undefined ? undefined : await open(document);
		},

		put: async (write: DocumentWrite) => {
			const { collection, id, value } = write;
			if (collection === META) return await inner.put(write);
			const sealed = await keyring.seal(value, contextOf(collection, id));
			return { ...(await inner.put({ ...write, value: sealed })), value };
		},

		list: async (collection, query): Promise<DocumentPage> => {
			const { documents, total } = await inner.list(collection, query);
			return { documents: await Promise.all(documents.map(open)), total };
		},

		cut: async (runId, range) => await inner.cut(runId, range),
		remove: async (collection, id, version) => await inner.remove(collection, id, version),
		measureRun: async (runId) => await inner.measureRun(runId),
		removeRun: async (runId) => await inner.removeRun(runId),
		close: async () => await inner.close(),
	};
}

const META = 'meta';

function logContext(runId: string): string {
	return JSON.stringify(['log', runId]);
}

function contextOf(collection: string, id: string): string {
	return JSON.stringify(['document', collection, id]);
}

/** One damaged row must not hide the others: whoever reads the log finds it unreadable and says so. */
async function openRow(keyring: Keyring, runId: string, { seq, body }: LogRow): Promise<LogRow> {
	return await keyring.unseal(body, logContext(runId)).then(
		(plain) => ({ seq, body: plain }),
		(error: Error) => {
			const damaged = isEngineError(error) && error.code === 'RECORD_CORRUPT';
			return damaged ? { seq, body: '' } : Promise.reject(error);
		},
	);
}
