/** Query parameters that say where a reader came from, not what the page is. */
const TRACKING = /^(utm_.*|fbclid|gclid|dclid|msclkid|mc_(cid|eid)|igshid|ref_src|_ga|_gl|yclid)$/i;

/**
 * One form for all addresses of the same page: http and https, with and without "www.", tracking
 * parameters, order of parameters, fragment, trailing slash.
 *
 * For comparing only: it is not meant to be opened.
 *
 * @returns `undefined` for anything but an http or https address
 */
export function canonicalUrl(address: string): string | undefined {
	const url = URL.parse(address);
	if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
	const host = url.host
		.replace(/^(www|m|amp)\.|(?<=^[a-z]{2,3}\.)m\.(?=wiki)/, '')
		.replace(/\.$/, '');
	const path = url.pathname.replace(/\/(index\.html?)?$/, '');
	const query = [...url.searchParams]
		.filter(([name]) => !TRACKING.test(name))
		.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
		.sort()
		.join('&');
	const fragment = url.hash.startsWith('#!') ? url.hash : '';
	return `${host}${path}${query === '' ? '' : `?${query}`}${fragment}`;
}
