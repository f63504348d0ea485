import type { IWebhookFunctions } from 'n8n-workflow';

import { hashOf } from '../../lib';
import type { Parameters } from './parameters';

/** What is needed to see who asks. */
type AccessContext = Pick<IWebhookFunctions, 'getCredentials' | 'getHeaderData'>;

/** Why a request is not answered; `undefined` when it is. */
export interface Refusal {
	statusCode: 401 | 403;
	headers: Readonly<Record<string, string>>;
}

const ASK_FOR_PASSWORD: Refusal = {
	statusCode: 401,
	headers: { 'WWW-Authenticate': 'Basic realm="Agent Swarm runs", charset="UTF-8"' },
};

/**
 * Whether a request may see the page. A credential without a name or a password lets nobody in.
 *
 * @throws what keeps the credential from being read
 */
export async function refusalOf(
	context: AccessContext,
	authentication: Parameters['authentication'],
): Promise<Refusal | undefined> {
	switch (authentication) {
		case 'none':
			return undefined;
		case 'basicAuth': {
			const { user, password } = await context.getCredentials('httpBasicAuth');
			if (!isText(user) || !isText(password)) return ASK_FOR_PASSWORD;
			const given = headerOf(context, 'authorization');
			return isSame(basicOf(given), `${user}:${password}`) ? undefined : ASK_FOR_PASSWORD;
		}
		case 'headerAuth': {
			const { name, value } = await context.getCredentials('httpHeaderAuth');
			const known = isText(name) && isText(value);
			const fits = known && isSame(headerOf(context, name.toLowerCase()), value);
			return fits ? undefined : { statusCode: 403, headers: {} };
		}
	}
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && value !== '';
}

function headerOf(context: AccessContext, name: string): string {
	const value = context.getHeaderData()[name];
	return typeof value === 'string' ? value : '';
}

/** Name and password of a header `Basic …`, as `name:password`; empty when there is none. */
function basicOf(header: string): string {
	const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
	if (encoded === undefined || encoded.replace(/=+$/, '').length % 4 === 1) return '';
	const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
	return new TextDecoder().decode(bytes);
}

/** Compares digests: the time that takes tells nothing of the secret. */
function isSame(given: string, wanted: string): boolean {
	return hashOf(given) === hashOf(wanted);
}
