import { EngineError, type ErrorInfo } from '../core';

/** Somebody else wrote the document first. Read it again and repeat the change. */
export class StoreConflictError extends EngineError {
	constructor(
		collection: string,
		id: string,
		expected: number | 'any',
		info: Omit<ErrorInfo, 'errorClass' | 'retryable'> = {},
	) {
		const seen = expected === 0 ? 'does not exist yet' : `is at version ${expected}`;
		super(
			'STORE_CONFLICT',
			`Document "${id}" of "${collection}" was changed by somebody else: the writer expected that it ${seen}. Read it again and repeat the change.`,
			{
				...info,
				errorClass: 'conflict',
				retryable: true,
				details: { collection, id, expected, ...info.details },
			},
		);
	}
}

/** The store cannot be reached, is full, or is locked by somebody else. */
export class StoreUnavailableError extends EngineError {
	constructor(store: string, what: string, info: ErrorInfo = {}) {
		super('STORE_UNAVAILABLE', `The store (${store}) could not ${what}.`, {
			errorClass: 'server',
			hint: 'Check that the store is running, reachable and has free space, then run again: what was saved before is kept.',
			...info,
		});
	}
}

/** Whether an error says that somebody else wrote first. */
export function isStoreConflict(error: unknown): error is StoreConflictError {
	return error instanceof Error && 'code' in error && error.code === 'STORE_CONFLICT';
}

/** What to do when the certificate of a server cannot be checked. */
export const UNTRUSTED =
	'The certificate of the server is not signed by anybody this machine trusts. Give Node the certificate of the signer (NODE_EXTRA_CA_CERTS), or turn on Ignore SSL Issues in the credential.';
