import type { INodeParameters } from 'n8n-workflow';

import { AgentRunPage } from '../../../nodes/AgentRunPage/AgentRunPage.node';
import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start, TestInstance } from '../../harness';
import type { NodeSettings, TestRequest } from '../../harness';

afterAll(closeStores);

const HOSTILE = '"><script>alert(1)</script>';

const instance = new TestInstance({
	credentials: {
		watcher: { data: { user: 'watcher', password: 'pässword' } },
		nobody: { data: { user: '', password: '' } },
		proxy: { data: { name: 'X-Proxy', value: 'trusted' } },
		halfProxy: { data: { name: 'X-Proxy', value: '' } },
	},
});

/** A request to a page with these parameters. */
async function call(
	parameters: INodeParameters,
	query = '',
	request?: TestRequest,
	settings: NodeSettings = {},
) {
	const page = node(
		'Page',
		new AgentRunPage(),
		{ authentication: 'none', path: 'page', ...parameters },
		settings,
	);
	return await instance.call({ nodes: [page], connections: {} }, query, request);
}

/** The page for whoever may answer. */
const answering = async (query: string, request?: TestRequest, owner = '') =>
	await call({ options: { answers: true, owner } }, query, request);

const form = (
	fields: Record<string, string>,
	headers: Record<string, string> = {},
): TestRequest => ({
	method: 'POST',
	headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
	body: fields,
});

/** Does an operation on an execution. */
async function execution(operation: string, parameters: INodeParameters) {
	const all = { resource: 'execution', operation, ...parameters };
	const result = await runWorkflow({
		nodes: [start(), node('Workflow', new AgentWorkflow(), all)],
		connections: chain('Start', 'Workflow'),
	});
	expect(result.error).toBeUndefined();
	return result.json('Workflow')[0]!;
}

/** Starts a workflow that asks a person, and waits until it does. */
async function asks(id: string, parameters: object = {}, owner = '') {
	const steps = [
		{ id: 'ask', kind: 'human', parameters: { prompt: 'Is it good?', ...parameters } },
		{ id: 'tell', kind: 'transform', parameters: { value: '{{ steps.ask.output.answer }}' } },
	];
	await execution('start', {
		workflowFrom: 'definition',
		definition: JSON.stringify({ name: 'Asking', steps }),
		input: '{"text":"Tea"}',
		options: { newExecutionId: id, owner },
	});
	return id;
}

/** The link of the one question that the page of a run shows. */
async function linkOn(runId: string, owner = ''): Promise<string> {
	const { answer } = await answering(`?run=${runId}`, {}, owner);
	const [, link] = /<a href="([^"]+)">Answer<\/a>/.exec(String(answer.body))!;
	return link!.replaceAll('&amp;', '&');
}

describe('Agent Run Page', () => {
	it('shows the list of runs and the page of one, and starts nothing', async () => {
		await asks('page-1');
		const list = await call({});
		expect(list.answer).toMatchObject({ status: 200, ended: true });
		expect(list.answer.headers).toMatchObject({
			'content-type': 'text/html; charset=utf-8',
			'cache-control': 'no-store',
			'x-frame-options': 'DENY',
		});
		expect(list.answer.body).toContain('<a href="?run=page-1">Asking</a>');
		const run = await call({}, '?run=page-1');
		expect(run.answer.body).toContain('data-key="tell"');
		expect(run.answer.body).toContain('data-streams="yes"');
		expect([list.execution, run.execution]).toEqual([undefined, undefined]);
		expect((await call({}, '?run=none')).answer.status).toBe(404);
	});

	it('streams what is new to an open page', async () => {
		await asks('page-2');
		const { answer } = await call({}, '?run=page-2&part=stream');
		expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
		await settled(() => answer.written.join('').includes('event: page'));
		expect(answer.written.join('')).toContain('Is it good?');
		expect(answer.ended).toBe(false);
		answer.hangUp();
	});

	it('ends the stream of a run that has ended', async () => {
		await asks('page-2b');
		await execution('cancel', { executionId: 'page-2b' });
		const { answer } = await call({}, '?run=page-2b&part=stream');
		await settled(() => answer.ended);
		expect(answer.written.at(-1)).toBe('event: end\ndata:\n\n');
	});

	it('goes on from the version that a page says it has seen last', async () => {
		await asks('page-3');
		const { body } = (await call({}, '?run=page-3')).answer;
		const version = /data-version="([^"]+)"/.exec(String(body))![1]!;
		const headers = { 'last-event-id': version };
		const { answer } = await call({}, '?run=page-3&part=stream&seen=old', { headers });
		const other = await call({}, '?run=page-3&part=stream&seen=old');
		await settled(() => other.answer.written.length > 1);
		expect(answer.written).toEqual(['retry: 2000\n\n']);
		answer.hangUp();
		other.answer.hangUp();
	});

	it('tells a page that asks instead when too many listen', async () => {
		const all: Array<Awaited<ReturnType<typeof call>>> = [];
		while (all.length < 51) all.push(await call({}, `?offset=${all.length}&part=stream`));
		expect(all.map(({ answer }) => answer.status).indexOf(503)).toBe(50);
		for (const { answer } of all) answer.hangUp();
		const { answer } = await call({}, '?part=stream');
		expect(answer.status).toBe(200);
		answer.hangUp();
	});

	describe('who may see it', () => {
		const basic = (text: string) => ({
			headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
		});
		const behind = async (authentication: string, id: string, request: TestRequest) => {
			const type = authentication === 'basicAuth' ? 'httpBasicAuth' : 'httpHeaderAuth';
			const settings = { credentials: { [type]: id } };
			return (await call({ authentication }, '', request, settings)).answer;
		};

		it('is whoever knows the name and the password', async () => {
			expect((await behind('basicAuth', 'watcher', basic('watcher:pässword'))).status).toBe(200);
		});

		it.each([
			['nothing', {}],
			['a wrong password', basic('watcher:password')],
			['a wrong name', basic('other:pässword')],
			['no password', basic('watcher')],
			['what is not base64', { headers: { authorization: 'Basic %%%' } }],
			['base64 that was cut', { headers: { authorization: 'Basic abcde' } }],
			['another scheme', { headers: { authorization: 'Bearer watcher' } }],
		])('is asked for the password by %s', async (_what, request) => {
			const answer = await behind('basicAuth', 'watcher', request);
			expect(answer).toMatchObject({ status: 401, body: 'Not allowed.' });
			expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
		});

		it('is nobody while the credential is empty', async () => {
			expect((await behind('basicAuth', 'nobody', basic(':'))).status).toBe(401);
			const empty = { headers: { 'x-proxy': '' } };
			expect((await behind('headerAuth', 'halfProxy', empty)).status).toBe(403);
		});

		it('is who brings the header', async () => {
			const good = { headers: { 'x-proxy': 'trusted' } };
			expect((await behind('headerAuth', 'proxy', good)).status).toBe(200);
			const bad = { headers: { 'x-proxy': 'other' } };
			expect((await behind('headerAuth', 'proxy', bad)).status).toBe(403);
		});
	});

	it('says why it cannot be shown', async () => {
		const { answer, execution: started } = await call({ authentication: 'wish' });
		expect(answer.status).toBe(500);
		expect(answer.body).toContain('authentication');
		expect(started).toBeUndefined();
	});

	it('is only read', async () => {
		const { answer, execution: started } = await call({}, '', form({ answer: 'x' }));
		expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
		expect(started).toBeUndefined();
	});
});

describe('answers on the Agent Run Page', () => {
	it('start the workflow with what a person has answered', async () => {
		const runId = await asks('ask-1', { payload: { draft: `Tea\t${HOSTILE}` } });
		const link = await linkOn(runId);
		const shown = await answering(link);
		expect(shown.execution).toBeUndefined();
		expect(shown.answer.status).toBe(200);
		expect(shown.answer.body).toContain('<textarea id="answer" name="answer"');
		expect(shown.answer.body).toContain('form-action &#39;self&#39;');
		expect(shown.answer.body).not.toContain(HOSTILE);
		expect(shown.answer.body).toContain('&quot;draft&quot;');
		const { answer, execution: started } = await answering(link, form({ answer: ' Yes. ' }));
		expect(answer.body).toContain('Your answer was handed on');
		const [item] = started!.json('Page') as [{ requestId: string }];
		expect(item).toEqual({ executionId: runId, requestId: item.requestId, answer: 'Yes.' });
		const done = await execution('answerReview', { ...item, waitForEnd: true });
		expect(done).toMatchObject({ accepted: true, status: 'completed', output: 'Yes.' });
		expect((await answering(link)).answer).toMatchObject({ status: 404 });
		const late = await answering(link, form({ answer: 'No.' }));
		expect(late.answer.status).toBe(404);
		expect(late.execution).toBeUndefined();
	});

	it('are chosen where there are choices', async () => {
		const options = ['5', { label: 'Later', value: 2 }, true];
		const link = await linkOn(await asks('ask-2', { options }));
		const { answer } = await answering(link);
		expect(
			[...String(answer.body).matchAll(/required \/>\s*([^<]*)</g)].map(([, one]) => one!.trim()),
		).toEqual(['5', 'Later', 'true']);
		for (const wrong of ['', '3', '-1', 'x', '0.5']) {
			const refused = await answering(link, form({ answer: wrong }));
			expect(refused.answer.status).toBe(400);
			expect(refused.answer.body).toContain('Choose one of the answers.');
			expect(refused.execution).toBeUndefined();
		}
		const { execution: started } = await answering(link, form({ answer: '0' }));
		const [item] = started!.json('Page');
		expect(item).toMatchObject({ answer: '"5"' });
		const done = await execution('answerReview', { ...item, waitForEnd: true });
		expect(done).toMatchObject({ output: '5' });
	});

	it('are asked for again when they are empty, too long, or no form', async () => {
		const link = await linkOn(await asks('ask-3'));
		const wrongs = [form({ answer: '  ' }), form({ answer: 'a'.repeat(100_001) }), form({})];
		for (const request of [...wrongs, { method: 'POST', headers: {}, body: 'x' } as const]) {
			const { answer, execution: started } = await answering(link, request);
			expect(answer.status).toBe(400);
			expect(started).toBeUndefined();
		}
	});

	it('are asked for again on the page when they are not valid', async () => {
		const runId = await asks('ask-4', { validator: { path: 'answer', op: 'eq', value: 'tea' } });
		const first = await answering(await linkOn(runId), form({ answer: 'mud' }));
		const [item] = first.execution!.json('Page');
		await execution('answerReview', { ...item, waitForEnd: true });
		const { answer } = await answering(await linkOn(runId));
		expect(answer.body).toContain('The last answer was not valid.');
	});

	it('need the key of this very question', async () => {
		const [first, second] = [await linkOn(await asks('ask-5')), await linkOn(await asks('ask-6'))];
		const code = new URLSearchParams(second).get('code')!;
		const stolen = new URLSearchParams(first);
		stolen.set('code', code);
		for (const query of [`?${stolen.toString()}`, first.replace(/code=.*/, 'code=')]) {
			const { answer, execution: started } = await answering(query, form({ answer: 'x' }));
			expect(answer.status).toBe(404);
			expect(started).toBeUndefined();
		}
		const without = await answering(first.replace(/&code=.*/, ''), form({ answer: 'x' }));
		expect(without.answer.status).toBe(405);
	});

	it('have no links, and are not taken, unless they are switched on', async () => {
		const link = await linkOn(await asks('ask-7'));
		expect((await call({}, '?run=ask-7')).answer.body).not.toContain('>Answer<');
		const { answer, execution: started } = await call({}, link, form({ answer: 'x' }));
		expect(answer.status).toBe(405);
		expect(started).toBeUndefined();
	});

	it('are of the executions of the owner only', async () => {
		const link = await linkOn(await asks('ask-8', { timeout: 3600 }, 'alice'), 'alice');
		expect((await answering(link, {}, 'alice')).answer.body).toContain('Open until');
		expect((await answering(link, {}, 'bob')).answer.status).toBe(404);
		expect((await answering('?run=ask-8', {}, 'bob')).answer.status).toBe(404);
		await execution('cancel', { executionId: 'ask-8', options: { owner: 'alice' } });
	});
});

/** Lets what is under way go on until something is so. */
async function settled(isSo: () => boolean): Promise<void> {
	for (let turn = 0; turn < 10_000 && !isSo(); turn++) await new Promise(setImmediate);
	expect(isSo()).toBe(true);
}
