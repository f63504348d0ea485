import { codeFor, equalInConstantTime } from './secret';

/** How long a page may be open before it has to be confirmed again, in milliseconds. */
export const NONCE_LIFETIME_MS = 15 * 60_000;

/** What a nonce is for: it fits one reviewer of one request, and the data that was shown. */
export interface NonceScope {
	requestId: string;
	/** Empty for whoever has the link. */
	reviewerId: string;
	/** Hashes of what the page shows; another version of it needs another nonce. */
	shown: readonly string[];
}

/**
 * A number used once: each page carries one, and only a form that brings it back may decide. A
 * request made without reading the page, such as a link preview's, has none.
 *
 * @param random - an unpredictable part, e.g. a UUID
 */
export function issueNonce(
	secret: string,
	scope: NonceScope,
	issuedAt: number,
	random: string,
): string {
	const issued = issuedAt.toString(36);
	const unique = random.replace(/[^0-9a-zA-Z]/g, '').slice(0, 32);
	return `${issued}.${unique}.${codeOf(secret, scope, issued, unique)}`;
}

/** `stale`: genuine, but the page was open for too long. */
export type NonceCheck = 'fresh' | 'stale' | 'forged';

/** What a nonce that came back is worth. */
export function checkNonce(
	secret: string,
	scope: NonceScope,
	nonce: string,
	now: number,
): NonceCheck {
	const match = /^([0-9a-z]{1,12})\.([0-9a-zA-Z]{1,32})\.([0-9a-f]{32})$/.exec(nonce);
	if (match === null) return 'forged';
	const [, issued, unique, code] = match as unknown as [string, string, string, string];
	if (!equalInConstantTime(codeOf(secret, scope, issued, unique), code)) return 'forged';
	const age = now - parseInt(issued, 36);
	return age <= NONCE_LIFETIME_MS ? 'fresh' : 'stale';
}

function codeOf(secret: string, scope: NonceScope, issued: string, unique: string): string {
	const { requestId, reviewerId, shown } = scope;
	return codeFor(secret, 'nonce', [requestId, reviewerId, ...shown, issued, unique]);
}
