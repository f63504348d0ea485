import { answerMonitorCall } from '../../../lib';
import { NOON, run, sourceOf, step } from './pictures';

const HOSTILE = '"><script>alert(1)</script>';

async function page(query: unknown, ...runs: Array<ReturnType<typeof run>>) {
	return await answerMonitorCall(sourceOf(...runs), query, NOON + 8000);
}

const versionOf = (body: string) => /data-version="([^"]+)"/.exec(body)![1];

describe('the list of runs', () => {
	it('shows every run with its state, progress, time and usage, and links to it', async () => {
		const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2400, costUsd: 0.5, calls: 3 };
		const { statusCode, headers, body } = await page(
			{},
			run({ message: 'Reading', usage }),
			run({ runId: 'order 7', name: 'order 7', status: 'completed', endedAt: NOON + 2000 }),
		);
		expect(statusCode).toBe(200);
		expect(headers['Content-Type']).toBe('text/html; charset=utf-8');
		expect(body).toContain('<a href="?run=r1">Research</a>');
		expect(body).toContain('<a href="?run=order%207">order 7</a>');
		expect(body).toContain('Reading');
		expect(body).toContain('2.4k tokens, $0.50');
		expect(body).toContain('data-since=');
		expect(body).toContain('<span>2.0 s</span>');
		expect(body).toMatch(/1 to\s+2 of\s+2/);
	});

	it.each([
		['active', ['waits', 'runs']],
		['waiting', ['waits']],
		['failed', ['late']],
		['completed', ['done']],
	])('shows only runs that are %s', async (show, names) => {
		const { body } = await page(
			{ show },
			run({ runId: '1', name: 'waits', status: 'waiting' }),
			run({ runId: '2', name: 'runs', status: 'running' }),
			run({ runId: '3', name: 'late', status: 'timed_out' }),
			run({ runId: '4', name: 'done', status: 'completed' }),
		);
		expect([...body.matchAll(/href="\?run=\d">(\w+)</g)].map((match) => match[1])).toEqual(names);
		expect(body).toMatch(new RegExp(`show=${show}&amp;offset=0"\\s+aria-current="page"`));
	});

	it('turns pages', async () => {
		const runs = Array.from({ length: 120 }, (_, at) => run({ runId: `r${at}` }));
		const { body } = await page({ offset: '50' }, ...runs);
		expect(body).toMatch(/51 to\s+100 of\s+120/);
		expect(body).toContain('href="?show=all&amp;offset=0">Newer<');
		expect(body).toContain('href="?show=all&amp;offset=100">Older<');
		expect(body).toContain('"?run=r50"');
		expect(body).not.toContain('"?run=r49"');
	});

	it('says why it is empty', async () => {
		expect((await page({})).body).toContain('No run is recorded in this store yet');
		expect((await page({ show: 'failed' })).body).toContain('No run is failed now.');
	});

	it.each([
		undefined,
		null,
		'text',
		7,
		{ offset: '-3', show: 'x', part: [1], run: '' },
		{ offset: 1e9 },
	])('answers whatever the query is: %p', async (query) => {
		expect((await page(query, run())).statusCode).toBe(200);
	});
});

describe('the page of a run', () => {
	it('shows what it waits for, what failed and what to do about it', async () => {
		const { body } = await page(
			{ run: 'r1' },
			run({
				error: { message: 'It broke.', hint: 'Mend it.' },
				saved: { steps: 1, usage: { ...run().usage, costUsd: 0.2 } },
				usage: { inputTokens: 5, outputTokens: 5, totalTokens: 10, costUsd: null, calls: 1 },
				steps: [
					step('plan', { reused: true, kind: 'agent', startedAt: NOON, endedAt: NOON + 1000 }),
					step('write', {
						status: 'running',
						after: ['plan'],
						startedAt: NOON + 1000,
						message: 'Page 3',
					}),
					step('send', {
						status: 'blocked',
						after: ['write'],
						attempts: 0,
						blockedBy: 'Waits for “write”.',
					}),
					step('fetch', { status: 'failed', error: { message: 'No answer.', hint: 'Is it up?' } }),
				],
				reviews: [
					{
						requestId: 'q',
						title: 'Approve',
						openedAt: NOON,
						deadlineAt: NOON + 1,
						votes: 2,
						waitingFor: ['Ann'],
						links: [{ who: 'Ann', url: 'https://host/x' }],
					},
					{ requestId: 'p', title: 'Choose', openedAt: NOON },
				],
				checkpoints: [{ name: 'draft', at: NOON }],
			}),
		);
		for (const text of [
			'Research',
			'It broke.',
			'Mend it.',
			'Reused',
			'1 step, $0.20 saved',
			'Page 3',
			'unknown',
			'Waits for “write”.',
			'No answer.',
			'Is it up?',
			'votes so far: 2',
			'draft',
			'2 of 4',
			'4 steps: 1 completed, 1 running, 1 blocked, 1 failed',
		]) {
			expect(body).toContain(text);
		}
		expect(body).toContain('<a href="https://host/x"');
		expect(body).toContain('Answer as Ann');
		expect(body).toContain('missing: Ann');
		expect(body).toContain('http-equiv="refresh"');
	});

	it('draws few steps as boxes with names, many as dots', async () => {
		const steps = (count: number) =>
			Array.from({ length: count }, (_, at) => step(`a rather long name of step ${at}`));
		const few = await page({ run: 'r1' }, run({ steps: steps(3) }));
		const many = await page({ run: 'r1' }, run({ steps: steps(200) }));
		expect(few.body).toContain('<text class="name"');
		expect(few.body).toContain('a rather long name of…');
		expect(many.body).not.toContain('<text class="name"');
		expect(many.body).toContain('200 steps: 200 completed');
	});

	it('is not loaded again once the run has ended', async () => {
		const { body } = await page({ run: 'r1' }, run({ status: 'completed', endedAt: NOON }));
		expect(body).not.toContain('http-equiv="refresh"');
		expect(body).toContain('data-live="no"');
	});

	it('tells an open page only what has changed', async () => {
		const before = await page({ run: 'r1' }, run());
		const version = versionOf(before.body);
		const same = await page({ run: 'r1', part: 'live', seen: version }, run());
		const news = await page({ run: 'r1', part: 'live', seen: version }, run({ progress: 41 }));
		expect(same).toMatchObject({ statusCode: 204, body: '' });
		expect(news.statusCode).toBe(200);
		expect(news.body).toMatch(/^<main\s/);
		expect(versionOf(news.body)).not.toBe(version);
	});

	it('says so when there is no such run', async () => {
		const { statusCode, body } = await page({ run: 'gone' }, run());
		expect(statusCode).toBe(404);
		expect(body).toContain('There is no run “gone”');
	});

	it('shows what others wrote as text, wherever it stands', async () => {
		const error = { message: HOSTILE, hint: HOSTILE };
		const { body } = await page(
			{ run: 'r1' },
			run({
				name: HOSTILE,
				message: HOSTILE,
				error,
				steps: [
					step(HOSTILE, {
						kind: HOSTILE,
						message: HOSTILE,
						blockedBy: HOSTILE,
						error,
						after: [HOSTILE],
					}),
				],
				reviews: [
					{
						requestId: 'q',
						title: HOSTILE,
						openedAt: NOON,
						links: [{ who: HOSTILE, url: 'javascript:alert(1)' }],
					},
				],
				checkpoints: [{ name: HOSTILE, at: NOON }],
			}),
		);
		const list = await page({}, run({ runId: HOSTILE, name: HOSTILE, message: HOSTILE }));
		const unknown = await page({ run: HOSTILE });
		for (const text of [body, list.body, unknown.body]) {
			expect(text).not.toContain('<script>alert');
			expect(text).not.toContain('javascript:');
			expect(text.match(/<script/g)).toHaveLength(1);
		}
	});

	it('allows its own script and style and nothing else', async () => {
		const { body } = await page({ run: 'r1' }, run());
		const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(body)![1]!;
		expect(policy).toMatch(/default-src &#39;none&#39;/);
		expect(policy).toMatch(/script-src &#39;sha256-[\w+/]+=&#39;/);
		expect(body).not.toMatch(/\s(style|on\w+)="/);
		expect(body).not.toMatch(/(src|href)="https?:/);
	});
});
