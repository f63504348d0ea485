import type {
	ICredentialDataDecryptedObject,
	ICredentialTestFunctions,
	IHttpRequestOptions,
} from 'n8n-workflow';

import { AgentSwarmSearchApi } from '../../../credentials/AgentSwarmSearchApi.credentials';
import { SwarmSearch } from '../../../nodes/SwarmSearch/SwarmSearch.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';
import { generalCases } from '../../lib/search/engines/cases/general';
import { scholarlyCases } from '../../lib/search/engines/cases/scholarly';
import { webCases } from '../../lib/search/engines/cases/web';
import { serve } from '../../lib/host/server';
import type { LoopbackServer, Seen } from '../../lib/host/server';

const CANARY = 'canary-4711-secret';
const CASES = { ...generalCases, ...scholarlyCases, ...webCases };

/** Each engine that takes a key, its case with a recorded answer, and where the key is seen. */
const KEYED: Array<[engine: string, name: string, place: (seen: Seen) => unknown]> = [
	['brave', 'Brave', ({ headers }) => headers['x-subscription-token']],
	['exa', 'Exa', ({ headers }) => headers['x-api-key']],
	['firecrawl', 'Firecrawl', ({ headers }) => bearer(headers.authorization)],
	['github', 'GitHub', ({ headers }) => bearer(headers.authorization)],
	['googleCse', 'Google', (seen) => parameter(seen, 'key')],
	['jina', 'Jina', ({ headers }) => bearer(headers.authorization)],
	['marginalia', 'Marginalia', ({ headers }) => headers['api-key']],
	['openAlex', 'OpenAlex', (seen) => parameter(seen, 'api_key')],
	['pubmed', 'PubMed', (seen) => parameter(seen, 'api_key')],
	['semanticScholar', 'Semantic Scholar', ({ headers }) => headers['x-api-key']],
	['serpApi', 'SerpApi', (seen) => parameter(seen, 'api_key')],
	['serper', 'Serper', ({ headers }) => headers['x-api-key']],
	['stackExchange', 'Stack Exchange', (seen) => parameter(seen, 'key')],
	['tavily', 'Tavily', ({ headers }) => bearer(headers.authorization)],
];

const bearer = (value = '') => value.replace(/^Bearer /, '');
const parameter = ({ url }: Seen, name: string) =>
	new URL(url, 'http://localhost').searchParams.get(name);

let server: LoopbackServer;
let reply: (seen: Seen) => { status?: number; body: unknown };

beforeAll(async () => {
	server = await serve((seen, response) => {
		const { status = 200, body } = reply(seen);
		response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
		response.end(typeof body === 'string' ? body : JSON.stringify(body));
	});
});
beforeEach(() => server.seen.splice(0));
afterAll(async () => await server.close());
afterAll(closeStores);

const answerOf = (name: string) => (seen: Seen) => {
	const { answer } = CASES[name]!;
	const path = seen.url.replace(/^\/[^/]*/, '');
	return {
		body: typeof answer === 'function' ? (answer as (url: string) => unknown)(path) : answer,
	};
};

const credentialFor = (engine: string, data: ICredentialDataDecryptedObject = {}) => ({
	services: [engine],
	[`${engine}Key`]: CANARY,
	googleEngineId: 'cx1',
	urls: JSON.stringify({ [engine]: `${server.origin}/${engine}` }),
	...data,
});

async function runSearch(
	parameters: Record<string, unknown>,
	data?: ICredentialDataDecryptedObject,
) {
	const options = { maxVariants: 1, attemptsPerEngine: 1, ...(parameters.options as object) };
	return await runWorkflow({
		nodes: [
			start(),
			node(
				'Search',
				new SwarmSearch(),
				{ query: 'tram lines', output: 'report', ...parameters, options } as never,
				data === undefined ? {} : { credentials: { agentSwarmSearchApi: 'keys' } },
			),
		],
		connections: chain('Start', 'Search'),
		input: [{ json: {} }] as never,
		...(data === undefined
			? {}
			: { credentials: { keys: { type: new AgentSwarmSearchApi(), data } } }),
	});
}

describe('a key of the search credential', () => {
	it.each(KEYED)(
		'reaches %s where it wants to see it, and nothing else shows it',
		async (engine, name, place) => {
			reply = answerOf(name);
			const run = await runSearch({ engines: [engine] }, credentialFor(engine));
			expect(server.seen.length).toBeGreaterThan(0);
			for (const seen of server.seen) {
				expect(place(seen)).toBe(CANARY);
				expect(JSON.stringify(seen.headers)).not.toContain('x-agent-swarm-engine');
			}
			expect(run.error).toBeUndefined();
			expect(run.json('Search')).toMatchObject([{ engines: [{ status: 'ok' }] }]);
			expect(JSON.stringify(run.json('Search'))).not.toContain(CANARY);
		},
	);

	it.each(KEYED)(
		'is not shown when %s repeats it in what it answers, or refuses',
		async (engine, name) => {
			const echo = `No such key: ${CANARY}, or ${Buffer.from(CANARY).toString('base64')}`;
			for (const status of [200, 401, 429, 500]) {
				reply = () => ({ status, body: echo });
				const run = await runSearch({ engines: [engine] }, credentialFor(engine));
				const shown = JSON.stringify([
					run.error,
					run.error?.message,
					run.error?.stack,
					run.json('Search'),
				]);
				expect(shown).toContain(name);
				expect(shown).not.toContain(CANARY);
				expect(shown).not.toContain(Buffer.from(CANARY).toString('base64'));
			}
		},
	);

	it('is never sent to an address that only the workflow names', async () => {
		reply = answerOf('Brave');
		const options = { engineUrls: { brave: `${server.origin}/thief` } };
		const run = await runSearch({ engines: ['brave'], options }, credentialFor('brave'));
		expect(run.error?.message).toContain('The key of Brave is not sent to an address of the node.');
		expect(server.seen).toEqual([]);
	});

	it.each(['brave', 'exa', 'googleCse', 'jina', 'serpApi', 'serper'])(
		'is asked for when %s cannot do without',
		async (engine) => {
			const run = await runSearch({ engines: [engine] });
			expect(run.error?.message).toContain('needs a key');
			const without = await runSearch(
				{ engines: [engine] },
				credentialFor(engine, { services: [] }),
			);
			expect(without.error?.message).toContain('needs a key');
		},
	);

	it('is left out by engines that also answer without', async () => {
		reply = answerOf('Tavily');
		const options = { engineUrls: { tavily: `${server.origin}/keyless` } };
		const run = await runSearch({ engines: ['tavily'], options });
		expect(run.json('Search')).toMatchObject([{ engines: [{ status: 'ok' }] }]);
		expect(server.seen[0]!.headers).toMatchObject({ 'x-tavily-access-mode': 'keyless' });
	});

	it('goes to a custom service only below the address of the credential', async () => {
		reply = () => ({
			body: { items: [{ url: 'https://example.org/', title: 'Tram', text: 'Tram lines' }] },
		});
		const data = {
			services: ['custom'],
			customUrl: `${server.origin}/library`,
			customHeader: 'X-Library-Key',
			customKey: CANARY,
		};
		const custom = (path: string) => ({
			engines: ['custom'],
			customEngine: [{ name: path, url: `${server.origin}${path}`, results: 'items' }],
		});
		await runSearch(custom('/library/search'), data);
		await runSearch(custom('/library-of-others'), data);
		await runSearch(custom('/else'), data);
		expect(server.seen.map(({ headers }) => headers['x-library-key'])).toEqual([
			CANARY,
			undefined,
			undefined,
		]);
	});

	it('says what is wrong with other addresses', async () => {
		const run = await runSearch(
			{ engines: ['brave'] },
			credentialFor('brave', { urls: '{"brave":' }),
		);
		expect(run.error?.message).toBe('Other Addresses of the search credential is not JSON.');
	});
});

describe('the test of the search credential', () => {
	/** n8n's older helper, as far as a test needs it. */
	const request = async (options: IHttpRequestOptions & { uri: string }) => {
		const url = new URL(options.uri);
		for (const [name, value] of Object.entries(options.qs ?? {})) {
			if (value !== undefined) url.searchParams.set(name, String(value));
		}
		const { method, headers, body } = options as {
			method?: string;
			headers?: Record<string, string>;
			body?: string;
		};
		const response = await fetch(url, { method, headers, body, redirect: 'manual' });
		return {
			statusCode: response.status,
			headers: Object.fromEntries(response.headers),
			body: await response.text(),
		};
	};
	const test = async (data?: ICredentialDataDecryptedObject) =>
		await new SwarmSearch().methods.credentialTest.testSearchKeys.call(
			{ helpers: { request } } as unknown as ICredentialTestFunctions,
			{ id: '1', name: 'Keys', type: 'agentSwarmSearchApi', data },
		);

	it.each(KEYED)('asks %s once with its key', async (engine, name, place) => {
		reply = answerOf(name);
		expect(await test(credentialFor(engine))).toEqual({
			status: 'OK',
			message: `${name} answered`,
		});
		expect(place(server.seen[0]!)).toBe(CANARY);
	});

	it('names the services that refuse, without the key', async () => {
		reply = ({ url }) =>
			url.startsWith('/brave')
				? { status: 401, body: CANARY }
				: answerOf('Serper')({ url } as Seen);
		const both = {
			...credentialFor('serper', { services: ['brave', 'serper', 'exa'] }),
			braveKey: CANARY,
			urls: { brave: '', serper: '' } as never,
		};
		const urls = JSON.stringify({
			brave: `${server.origin}/brave`,
			serper: `${server.origin}/serper`,
		});
		expect(await test({ ...both, urls })).toEqual({
			status: 'Error',
			message: 'Brave answered with status 401. Exa: the key is empty',
		});
	});

	it.each([
		[undefined, 'Error', 'at least one service'],
		[{ services: [] }, 'Error', 'at least one service'],
		[{ services: ['custom'], customKey: CANARY }, 'OK', 'by the node'],
	])('says what it needs: %j', async (data, status, message) => {
		expect(await test(data)).toEqual({
			status,
			message: expect.stringContaining(message) as string,
		});
	});
});
