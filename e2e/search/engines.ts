/**
 * Search engines of a test, on the machine itself: they answer as Wikipedia, Hacker News, Crossref,
 * GitHub, arXiv, Mwmbl, DuckDuckGo and Brave do, about whatever they are asked, and fail when they are told to.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request, as an engine saw it. */
export interface SeenRequest {
	engine: string;
	text: string;
	headers: IncomingMessage['headers'];
	url: URL;
}

export interface EngineServer {
	/** Addresses by engine, as the option *Engine URLs* takes them. */
	readonly urls: Record<string, string>;
	readonly seen: SeenRequest[];
	/** Makes an engine fail: with a status, with a page, or by never answering. */
	fail(engine: string, how: number | 'page' | 'silence'): void;
	/** All engines answer again, and what was seen is forgotten. */
	reset(): void;
	close(): Promise<void>;
}

const PAGE = 'https://example.org/trams';
const TODAY = new Date().toISOString();
/** What each engine says, different enough not to be taken for a copy of another. */
const SAYINGS: Record<string, string> = {
	arXiv:
		'We measure the power of a tram line in winter and find that heating takes a third of it. Regenerative braking returns a fifth of the energy to the net.',
	Brave:
		'Trams get their power from an overhead line of 750 volts. The pole on the roof is called a pantograph.',
	Crossref:
		'The power of tram lines has been studied in forty cities since 1990. Substations stand about every two kilometres along a tram line.',
	DuckDuckGo:
		'A tram is a rail vehicle whose power comes by wire. Some trams run without wires between stops, from batteries.',
	GitHub: 'Simulates the power that tram lines draw, minute by minute, from timetables and slopes.',
	'Hacker News':
		'I drove a tram for nine years and watched the power of our lines fail twice. Both times a fallen branch had cut the wire.',
	Mwmbl:
		'Where does the power of a tram come from? The current leaves through the wheels and the rails of the tram line.',
	Wikipedia:
		'Trams get their power from an overhead line by a pantograph. Older tram lines had a slot in the street with a rail in it.',
};
const sentences = (engine: string): string => SAYINGS[engine] ?? '';

const NAMES: Record<string, string> = {
	arxiv: 'search_query',
	brave: 'q',
	crossref: 'query',
	duckDuckGo: 'q',
	github: 'q',
	hackerNews: 'query',
	mwmbl: 's',
	wikipedia: 'gsrsearch',
};

const ANSWERS: Record<string, () => unknown> = {
	arxiv: () =>
		`<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry>
		<id>http://arxiv.org/abs/2601.00001v1</id><title>Power of tram lines</title>
		<published>${TODAY}</published><summary>${sentences('arXiv')}</summary></entry></feed>`,
	brave: () => ({
		type: 'search',
		web: { results: [{ url: `${PAGE}/brave`, title: 'Trams', description: sentences('Brave') }] },
	}),
	crossref: () => ({
		message: {
			items: [
				{
					URL: 'https://doi.org/10.5555/1',
					title: ['The power of trams'],
					abstract: sentences('Crossref'),
					published: { 'date-parts': [TODAY.slice(0, 10).split('-').map(Number)] },
				},
			],
		},
	}),
	duckDuckGo: () => ({
		Heading: 'Tram',
		AbstractText: sentences('DuckDuckGo'),
		AbstractURL: `${PAGE}/duck`,
		Results: [],
		RelatedTopics: [],
	}),
	github: () => ({
		items: [
			{
				html_url: 'https://github.com/example/trams',
				full_name: 'example/trams',
				description: sentences('GitHub'),
				updated_at: TODAY,
			},
		],
	}),
	hackerNews: () => ({
		hits: [
			{
				objectID: '42',
				title: 'Power of tram lines',
				url: `${PAGE}/news`,
				story_text: `<p>${sentences('Hacker News')}</p>`,
				created_at: TODAY,
			},
		],
	}),
	mwmbl: () => [
		{
			url: `${PAGE}/mwmbl`,
			title: [{ value: 'Trams' }],
			extract: [{ value: sentences('Mwmbl') }],
		},
	],
	wikipedia: () => ({
		query: {
			pages: [
				{
					index: 1,
					title: 'Tram',
					fullurl: 'https://en.wikipedia.org/wiki/Tram',
					extract: sentences('Wikipedia'),
					touched: TODAY,
				},
			],
		},
	}),
};

/** Starts them all, on one free port. */
export async function startEngines(): Promise<EngineServer> {
	const seen: SeenRequest[] = [];
	const faults = new Map<string, number | 'page' | 'silence'>();
	const sockets = new Set<Socket>();
	const answer = (request: IncomingMessage, response: ServerResponse): void => {
		const url = new URL(request.url ?? '/', 'http://localhost');
		const engine = url.pathname.slice(1);
		const text = url.searchParams.get(NAMES[engine] ?? 'q') ?? '';
		seen.push({ engine, text, headers: request.headers, url });
		const fault = faults.get(engine);
		if (fault === 'silence') return;
		const body = fault === undefined ? ANSWERS[engine]?.() : '<html>Something else</html>';
		response.writeHead(typeof fault === 'number' ? fault : 200, { 'content-type': 'text/plain' });
		response.end(typeof body === 'string' ? body : JSON.stringify(body));
	};
	const server = createServer(answer);
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const names = Object.keys(ANSWERS);
	return {
		urls: Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${port}/${name}`])),
		seen,
		fail: (engine, how) => void faults.set(engine, how),
		reset: () => {
			faults.clear();
			seen.splice(0);
		},
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
