/** Headers of a request, names in lower case. */
export type CallHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Whether a form may have been sent by our own page: browsers say where a form comes from, and
 * another site's form is refused. Programs that say nothing still need the page's number.
 *
 * @param ownOrigins - addresses under which this n8n is reached
 */
export function isSameOrigin(headers: CallHeaders, ownOrigins: readonly string[]): boolean {
	const site = first(headers['sec-fetch-site']);
	if (site !== undefined) return site === 'same-origin' || site === 'none';
	const origin = first(headers.origin);
	if (origin === undefined || origin === 'null') return true;
	const hosts = [headers.host, headers['x-forwarded-host'], ...ownOrigins.map(hostOf)].map(first);
	return hosts.includes(hostOf(origin));
}

function first(value: string | readonly string[] | undefined): string | undefined {
	const text = typeof value === 'string' ? value : value?.[0];
	return text?.trim().toLowerCase();
}

function hostOf(address: string): string | undefined {
	return URL.parse(address)?.host;
}
