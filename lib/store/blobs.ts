import { EngineError, sha256 } from '../core';
import { isStoreConflict } from './errors';
import type { Store } from './store';

/** Where large values are kept. */
export const BLOBS = 'blobs';

/**
 * Saves a large value beside the log of its run. The same value is kept once a run, whatever the
 * number of steps that give it.
 *
 * @returns its SHA-256, to find it again
 */
export async function saveBlob(store: Store, runId: string, text: string): Promise<string> {
	const hash = sha256(text);
	const write = { collection: BLOBS, id: idOf(runId, hash), version: 0, value: text, runId };
	await store.put(write).catch((error: Error) =>
		// It is there already: a value is never changed, its name is its content.
		isStoreConflict(error) ? undefined : Promise.reject(error),
	);
	return hash;
}

/**
 * Loads what {@link saveBlob} saved.
 *
 * @throws {EngineError} `BLOB_MISSING` or `BLOB_CORRUPT`
 */
export async function loadBlob(store: Store, runId: string, hash: string): Promise<string> {
	const document = await store.get(BLOBS, idOf(runId, hash));
	if (document === undefined) throw unusable('BLOB_MISSING', hash, 'is not in the store any more');
	if (sha256(document.value) !== hash) throw unusable('BLOB_CORRUPT', hash, 'was changed');
	return document.value;
}

// The run's name is hashed, so that the id has a fixed length whatever the name.
function idOf(runId: string, hash: string): string {
	return `${sha256(runId).slice(0, 32)}/${hash}`;
}

function unusable(code: string, hash: string, what: string): EngineError {
	return new EngineError(code, `A recorded large value (${hash.slice(0, 12)}…) ${what}.`, {
		errorClass: 'validation',
		hint: 'Set If Already Done to Run Again to do the work anew.',
		details: { hash },
	});
}
