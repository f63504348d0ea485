import { SearchServices, VirtualRuntime, memoryStore, search, searchCache } from '../../../lib';
import type { SearchPorts, SearchReport, SearchRequest } from '../../../lib';
import { seededRandom } from '../../../lib/core';
import { failure, fakeEngine, hit } from './fakeEngines';
import type { Behaviour } from './fakeEngines';

const QUERY = 'How many tram lines does the city build?';

let runtime: VirtualRuntime;
let services: SearchServices;

beforeEach(() => {
	runtime = new VirtualRuntime();
	services = new SearchServices(runtime);
});

const engine = (name: string, behaviour: Behaviour = () => ({}), options = {}) =>
	fakeEngine(name, runtime, behaviour, options);

async function ask(
	ports: Partial<SearchPorts> & Pick<SearchPorts, 'engines'>,
	request: Partial<SearchRequest> = {},
): Promise<SearchReport> {
	const one = { query: QUERY, maxVariants: 1, ...request };
	return await runtime.until(search(one, { runtime, services, ...ports }));
}

describe('a search with a deadline', () => {
	it('answers in time with what there is, and says who was too slow', async () => {
		const slow = engine('slow', () => 'silence');
		const report = await ask({ engines: [engine('quick'), slow] }, { deadlineMs: 5000 });
		expect(runtime.monotonic()).toBeLessThanOrEqual(5000);
		expect(report.status).toBe('partial');
		expect(report.sentences.length).toBeGreaterThan(0);
		expect(report.engines).toMatchObject([
			{ name: 'quick', status: 'ok', durationMs: 10 },
			{ name: 'slow', status: 'timeout', error: 'The search had no more time to wait for it.' },
		]);
		expect(slow.aborted).toBe(1);
	});

	it('does not ask again with the words of the best hits when the time is over', async () => {
		const slow = engine('slow', () => ({ afterMs: 2900 }));
		await ask(
			{ engines: [slow, engine('never', () => 'silence')] },
			{ deadlineMs: 5000, maxVariants: 3 },
		);
		expect(slow.queries).toHaveLength(2);
	});

	it('fails in time, with the causes, when nobody has answered', async () => {
		const silent = ask({ engines: [engine('a', () => 'silence')] }, { deadlineMs: 5000 });
		await expect(silent).rejects.toThrow('a: The search had no more time to wait for it.');
		expect(runtime.monotonic()).toBeLessThanOrEqual(5000);
	});

	it('waits for no page longer than that, and quotes from none that comes later', async () => {
		let deliver: () => void = () => undefined;
		const http = {
			request: async () =>
				await new Promise<{ status: number; headers: object; text: string }>((resolve) => {
					const text = `<article>${'<p>The page says that the city builds nine tram lines.</p>'.repeat(9)}</article>`;
					deliver = () => resolve({ status: 200, headers: {}, text });
				}),
			stream: async () => await Promise.reject(new Error('not used')),
		} as SearchPorts['http'];
		const found = engine('quick', () => ({ hits: [hit('https://example.net/page')] }));
		const report = await ask({ engines: [found], http }, { deadlineMs: 5000, maxPages: 3 });
		deliver();
		await runtime.drain();
		expect(runtime.monotonic()).toBeLessThanOrEqual(5000);
		expect(report.sources).toMatchObject([{ evidence: 'engine' }]);
	});
});

describe('a search that has enough', () => {
	it('waits for no more engines, and breaks their calls off', async () => {
		const slow = engine('slow', () => ({ afterMs: 6000 }));
		const report = await ask(
			{ engines: [engine('a'), engine('b'), slow] },
			{ enoughEngines: 2, maxVariants: 3 },
		);
		expect(runtime.monotonic()).toBe(10);
		expect(report.status).toBe('completed');
		expect(report.engines[2]).toMatchObject({ status: 'abandoned', error: null });
		expect(slow.aborted).toBe(2);
	});

	it('asks nobody in the place of an engine that it broke off', async () => {
		const engines = [engine('quick'), engine('slow', () => 'silence')];
		// One that searches texts is not held back by a signal that has aborted.
		const standby = engine('standby', () => ({}), { service: undefined });
		const report = await ask({ engines, standby: [standby] }, { enoughEngines: 1 });
		await runtime.drain();
		expect(standby.queries).toEqual([]);
		expect(report.warnings).toEqual([]);
		expect(report.engines).toMatchObject([
			{ status: 'ok' },
			{ status: 'abandoned', results: 0, error: null },
			{ status: 'standby' },
		]);
	});

	it('does not count engines that found nothing', async () => {
		const report = await ask(
			{ engines: [engine('a', () => ({ hits: [] })), engine('b', () => ({ afterMs: 500 }))] },
			{ enoughEngines: 1 },
		);
		expect(report.engines).toMatchObject([{ status: 'empty' }, { status: 'ok' }]);
	});
});

describe('a standby engine', () => {
	it('takes the place of an engine that fails, in every wording, and this is said', async () => {
		const standby = engine('standby');
		const broken = engine('broken', () => ({ error: failure('auth') }));
		const report = await ask(
			{ engines: [broken], standby: [standby, engine('other')] },
			{ maxVariants: 2 },
		);
		expect(standby.queries).toHaveLength(2);
		expect(report.warnings).toEqual(['standby was asked as well, because broken failed.']);
		expect(report.engines).toMatchObject([
			{ name: 'broken', status: 'auth' },
			{ name: 'standby', status: 'ok' },
			{ name: 'other', status: 'standby', calls: 0 },
		]);
	});

	it('is asked as well when an engine is slow, and the slow one may still answer', async () => {
		const slow = engine('slow', () => ({ afterMs: 4000 }));
		const report = await ask({ engines: [slow, engine('quick')], standby: [engine('standby')] });
		expect(report.warnings).toEqual(['standby was asked as well, because slow is slow.']);
		expect(report.engines).toMatchObject([{ status: 'ok' }, { status: 'ok' }, { status: 'ok' }]);
	});

	it('is left alone when all goes well', async () => {
		const standby = engine('standby');
		await ask({ engines: [engine('a')], standby: [standby] });
		expect(standby.queries).toEqual([]);
	});
});

describe('calls of an engine', () => {
	it('are tried again after a passing fault, and not after one that stays', async () => {
		const flaky = engine('flaky', (call) => (call === 1 ? { error: failure('server') } : {}));
		const denied = engine('denied', () => ({ error: failure('auth') }));
		const report = await ask({ engines: [flaky, denied] });
		expect(report.engines).toMatchObject([
			{ status: 'ok', calls: 2, error: null },
			{ status: 'auth', calls: 1 },
		]);
	});

	it('wait as long as the engine asks, all searches of one service together', async () => {
		const busy = engine('busy', (call) =>
			call === 1 ? { error: failure('rate_limit', 2000) } : {},
		);
		await ask({ engines: [busy] });
		expect(busy.queries).toHaveLength(2);
		expect(runtime.monotonic()).toBeGreaterThanOrEqual(2010);
	});

	it('are not made when the pause is longer than the search can wait, which is said at once', async () => {
		const busy = engine('busy', () => ({ error: failure('rate_limit', 60_000) }));
		await expect(ask({ engines: [busy] }, { deadlineMs: 20_000 })).rejects.toThrow();
		const again = ask({ engines: [busy, engine('other')] }, { deadlineMs: 20_000 });
		expect((await again).engines[0]).toMatchObject({
			status: 'rate_limit',
			calls: 0,
			error: 'busy may be asked again in 60 s, later than this search can wait.',
		});
		expect(busy.queries).toHaveLength(1);
	});

	it('pause after a good answer that asks for it', async () => {
		const polite = engine('polite', (_, { onPause }) => {
			onPause?.(3000);
			return {};
		});
		await ask({ engines: [polite] });
		const startedAt = runtime.monotonic();
		await ask({ engines: [polite] });
		expect(runtime.monotonic() - startedAt).toBeGreaterThanOrEqual(2990);
	});

	it('keep the limits of their service: places and pace', async () => {
		let open = 0;
		let most = 0;
		const limited = engine('limited', () => ({}), {
			limits: { maxConcurrent: 1, rate: [{ limit: 1, perMs: 1000 }] },
		});
		const counted = {
			...limited,
			search: async (query: Parameters<typeof limited.search>[0]) => {
				most = Math.max(most, ++open);
				return await limited.search(query).finally(() => open--);
			},
		};
		await ask({ engines: [counted] }, { maxVariants: 2 });
		expect(most).toBe(1);
		expect(runtime.monotonic()).toBeGreaterThanOrEqual(1010);
	});

	it('stop at the budget, the question itself first, and say so', async () => {
		const engines = ['a', 'b', 'c'].map((name) => engine(name));
		const report = await ask({ engines }, { maxCalls: 4, maxVariants: 2 });
		expect(engines.flatMap(({ queries }) => queries).length).toBe(4);
		expect(
			report.engines
				.map(({ error }) => error)
				.filter(Boolean)
				.join(),
		).toContain('calls');
	});

	it('cost what their price lists say, which has a limit too', async () => {
		const paid = (name: string) => engine(name, () => ({}), { limits: { costUsd: 0.005 } });
		const report = await ask({ engines: [paid('a'), paid('b'), paid('c')] }, { maxCostUsd: 0.011 });
		expect(report.usage.costUsd).toBeCloseTo(0.01);
		expect(report.engines.map(({ status }) => status)).toEqual(['ok', 'ok', 'budget']);
	});

	it('end when somebody stops the search', async () => {
		const controller = new AbortController();
		const slow = engine('slow', () => 'silence');
		const stopped = search(
			{ query: QUERY, maxVariants: 1 },
			{ engines: [slow], runtime, services, signal: controller.signal },
		);
		await runtime.drain();
		controller.abort();
		await expect(runtime.until(stopped)).rejects.toMatchObject({ code: 'ABORTED' });
		expect(slow.aborted).toBe(1);
	});
});

describe('the cache of answers', () => {
	const open = (store: Parameters<typeof searchCache>[0]['store']) =>
		searchCache({ store, runtime, ttlMs: 60_000 });

	it('remembers what an engine answered, for as long as it may', async () => {
		const cache = open(memoryStore(runtime));
		const asked = engine('a');
		const first = await ask({ engines: [asked], cache });
		const second = await ask({ engines: [asked], cache });
		expect(asked.queries).toHaveLength(1);
		expect(second.engines).toMatchObject([{ status: 'ok', calls: 0, cached: 1 }]);
		expect(second.summary).toBe(first.summary);
		await runtime.advance(61_000);
		await ask({ engines: [asked], cache });
		expect(asked.queries).toHaveLength(2);
	});

	it('keeps answers for other words, numbers and filters apart', async () => {
		const cache = open(memoryStore(runtime));
		const asked = engine('a');
		await ask({ engines: [asked], cache });
		await ask({ engines: [asked], cache }, { resultsPerEngine: 3 });
		await ask({ engines: [asked], cache }, { filters: { language: 'de' } });
		await ask({ engines: [asked], cache }, { query: 'Which tram lines does the city build?' });
		expect(asked.queries).toHaveLength(4);
	});

	it('clears away what is too old', async () => {
		const store = memoryStore(runtime);
		const cache = open(store);
		await ask({ engines: [engine('a')], cache });
		await runtime.advance(61_000);
		await ask({ engines: [engine('b')], cache });
		expect((await store.list('search-cache')).total).toBe(1);
	});

	it.each([
		['fails', async () => await Promise.reject(new Error('disk full'))],
		['never answers', async () => await new Promise<never>(() => undefined)],
	])('never makes a search fail when it %s', async (_, broken) => {
		const cache = open({ get: broken, put: broken, list: broken, remove: broken });
		const report = await ask({ engines: [engine('a')], cache });
		expect(report.status).toBe('completed');
		expect(report.warnings.join()).toContain('The cache does not work');
	});

	it('does not take for an answer what somebody else wrote there', async () => {
		const store = memoryStore(runtime);
		const get: typeof store.get = async () =>
			await Promise.resolve({ ...document, value: '[{"url":1}', updatedAt: runtime.now() });
		const document = { collection: '', id: '', version: 1, status: '', runId: '' };
		const asked = engine('a');
		const cache = open({ ...store, get });
		await ask({ engines: [asked], cache });
		expect(asked.queries).toHaveLength(1);
	});
});

describe('a dead engine', () => {
	it('costs one probe in each cool-down, and is used again when it is back', async () => {
		let isDown = true;
		const dead = engine('dead', () => (isDown ? { error: failure('server') } : {}));
		const alive = engine('alive');
		await ask({ engines: [dead, alive], ...{} }, { maxVariants: 3 });
		const untilOpen = dead.queries.length;
		expect(untilOpen).toBeLessThanOrEqual(4);
		for (let search = 0; search < 10; search++) await ask({ engines: [dead, alive] });
		expect(dead.queries).toHaveLength(untilOpen);

		await runtime.advance(30_000);
		for (let search = 0; search < 10; search++) {
			await ask({ engines: [dead, alive] }, { maxVariants: 3 });
		}
		expect(dead.queries).toHaveLength(untilOpen + 1);

		isDown = false;
		await runtime.advance(60_000);
		const report = await ask({ engines: [dead, alive] });
		expect(report.engines[0]).toMatchObject({ name: 'dead', status: 'ok' });
	});

	it('that is only silent is left alone after three searches, however little time they have', async () => {
		const silent = engine('silent', () => 'silence');
		const engines = [silent, engine('alive')];
		const took: number[] = [];
		for (let search = 0; search < 6; search++) {
			const startedAt = runtime.monotonic();
			await ask({ engines }, { deadlineMs: 2000 });
			took.push(runtime.monotonic() - startedAt);
		}
		expect(silent.queries).toHaveLength(3);
		expect(took.slice(3)).toEqual([10, 10, 10]);
	});

	it('is not waited for when it may soon be asked again', async () => {
		const dead = engine('dead', () => ({ error: failure('server') }));
		const engines = [dead, engine('alive')];
		await ask({ engines }, { maxVariants: 3 });
		await runtime.advance(27_000);
		const startedAt = runtime.monotonic();
		await ask({ engines });
		expect(runtime.monotonic() - startedAt).toBe(10);
	});

	it('is named with what went wrong before, and when it is asked again', async () => {
		const dead = engine('dead', () => ({ error: failure('server') }));
		await ask({ engines: [dead, engine('alive')] }, { maxVariants: 3 });
		const report = await ask({ engines: [dead, engine('alive')] });
		expect(report.engines[0]).toMatchObject({
			status: 'overloaded',
			calls: 0,
			error: expect.stringMatching(
				/failed several times in a row; it is asked again in \d+ s/,
			) as string,
		});
	});
});

describe('a swarm of 10 engines in 3 wordings with 5 % faults and one dead engine', () => {
	it('answers by the deadline, always, and probes the dead one once in each cool-down', async () => {
		const DEADLINE_MS = 20_000;
		const random = seededRandom(7);
		const faults: Behaviour = () => {
			const afterMs = 50 + 900 * random();
			if (random() >= 0.05) return { afterMs };
			const kinds = ['silence', 'server', 'network', 'rate_limit', 'bad_output'] as const;
			const kind = kinds[Math.floor(random() * kinds.length)]!;
			return kind === 'silence' ? kind : { afterMs, error: failure(kind) };
		};
		const engines = Array.from({ length: 9 }, (_, index) => engine(`engine-${index}`, faults));
		const dead = engine('dead', () => ({ error: failure('network') }));

		const took: number[] = [];
		let searches = 0;
		for (; searches < 100; searches++) {
			const startedAt = runtime.monotonic();
			const report = await ask(
				{ engines: [...engines, dead] },
				{ deadlineMs: DEADLINE_MS, maxVariants: 3, query: `${QUERY} Part ${searches}` },
			);
			took.push(runtime.monotonic() - startedAt);
			expect(report.sentences.length).toBeGreaterThan(0);
		}
		expect(Math.max(...took)).toBeLessThanOrEqual(DEADLINE_MS);
		// 30 s, 60 s, 120 s, … up to 10 minutes between the probes, after 3 or 4 calls at first.
		let probes = 0;
		for (let at = 0, pause = 30_000; at < runtime.monotonic(); probes++) {
			at += pause;
			pause = Math.min(pause * 2, 600_000);
		}
		expect(dead.queries.length).toBeLessThanOrEqual(4 + probes);
	});
});
