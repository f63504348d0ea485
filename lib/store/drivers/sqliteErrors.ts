import { isEngineError, messageOf, type EngineError } from '../../core';
import { StoreUnavailableError } from '../errors';

/** Result codes of SQLite, without their extended part. See https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;

const HINTS: Readonly<Record<number, string>> = {
	[BUSY]: 'Another process holds the file. Close it, or give it more time.',
	8: 'The file or its folder is read-only. Give the n8n user the right to write there.',
	10: 'The disk reports a fault. Check the disk, then run again.',
	11: 'The file is damaged. Move it away to start a new one; `sqlite3 <file> .recover` can save what is left.',
	13: 'The disk is full. Free some space, then run again: what was saved before is kept.',
	14: 'Check that the folder exists and that the n8n user may write there.',
	26: 'The file is not a SQLite database. Choose another path.',
};

function resultCode(error: unknown): number | undefined {
	// Not by `instanceof`: errors of Node's own modules may come from another realm than this file.
	if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
	return Number(error.errcode) & 0xff;
}

/** Whether another connection holds the file just now. */
export function isBusy(error: unknown): boolean {
	const code = resultCode(error);
	return code === BUSY || code === LOCKED;
}

/** An error of SQLite or the file system, with what can be done about it. */
export function sqliteError(store: string, what: string, error: unknown): EngineError {
	if (isEngineError(error)) return error;
	const code = resultCode(error);
	const hint = code === undefined ? undefined : HINTS[code];
	return new StoreUnavailableError(store, `${what}: ${messageOf(error)}`, {
		cause: error,
		details: { sqlite: code },
		...(hint === undefined ? {} : { hint }),
	});
}
