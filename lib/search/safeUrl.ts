const MAX_LENGTH = 2048;

/**
 * An address that may be shown as a link: http or https, without a name and password in it, not
 * longer than 2048 characters.
 *
 * @returns the address in its normal form, or `undefined` for anything else, such as `javascript:`
 */
export function safeUrl(address: string | null | undefined): string | undefined {
	const url = URL.parse(address ?? '');
	if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
	const { username, password, hostname, href } = url;
	if (username !== '' || password !== '' || hostname === '') return undefined;
	return href.length <= MAX_LENGTH ? href : undefined;
}
