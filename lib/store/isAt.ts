import type { StoredDocument } from './store';

/**
 * Whether a document is at the version, and in the state, that somebody has seen.
 *
 * @param document - undefined when there is none, which is version 0
 * @param status - default: any
 */
export function isAt(
	document: Pick<StoredDocument, 'version' | 'status'> | undefined,
	version: number,
	status?: string,
): boolean {
	if ((document?.version ?? 0) !== version) return false;
	return status === undefined || document === undefined || document.status === status;
}
