import { EngineError, isEngineError, messageOf } from '../../core';
import { StoreUnavailableError, UNTRUSTED } from '../errors';

/** By SQLSTATE, or its class. See https://www.postgresql.org/docs/current/errcodes-appendix.html */
const HINTS: Readonly<Record<string, string>> = {
	'3D000': 'Create the database, or correct its name in the URL.',
	'42501': 'Give the user the right to create tables, or create them by hand.',
	'53': 'The server has run out of disk, memory or connections. Lower Max Connections or give it more.',
	'57': 'The server is being stopped or started. What was saved before is kept; run again.',
	'25': 'The server accepts no writes. Use the address of the primary.',
};

/** An error of the client, with what can be done about it. */
export function postgresError(store: string, what: string, error: unknown): EngineError {
	if (isEngineError(error)) return error;
	const code = codeOf(error);
	// Without a password the client itself gives up, by an error without a code.
	if (code.startsWith('28') || messageOf(error).startsWith('SASL')) {
		return new EngineError('STORE_UNAVAILABLE', `The store (${store}) refused the user.`, {
			errorClass: 'auth',
			hint: 'Check the user in the URL and the password of the credential.',
		});
	}
	const untrusted = /certificate/i.test(messageOf(error)) ? UNTRUSTED : undefined;
	const hint = untrusted ?? HINTS[code] ?? HINTS[code.slice(0, 2)];
	return new StoreUnavailableError(store, `${what}: ${messageOf(error)}`, {
		cause: error,
		details: { code },
		...(hint === undefined ? {} : { hint }),
	});
}

/** Whether the connection does not know a prepared statement, or knows another one of that name. */
export function isUnknownStatement(error: unknown): boolean {
	return ['26000', '42P05'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
	// Not by `instanceof`: errors of Node's own modules may come from another realm than this file.
	return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
