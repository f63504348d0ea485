/** The fault matrix of a model's service, each fault real, on loopback: A1 to A14. */
import { execFileSync } from 'node:child_process';
import dns from 'node:dns';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { AgentSwarmModelApi } from '../../../credentials/AgentSwarmModelApi.credentials';
import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { connect, node, start, subNode, TestInstance } from '../../harness';
import type { Execution, NodeSettings } from '../../harness';
import {
	completion,
	fails,
	json,
	modelService,
	raw,
	says,
	silence,
	streams,
} from '../../helpers/modelServer';
import type { Answer, ModelService } from '../../helpers/modelServer';

/** The key of the credential; must not appear anywhere else. */
const CANARY = ['canary', '0123456789abcdef'].join('-');

let service: ModelService;
/** A model of its own for each test, so that no circuit is open from the one before. */
let model: string;
let tests = 0;

beforeEach(async () => {
	service = await modelService(says('Fine.'));
	model = `model-${++tests}`;
});

afterEach(async () => {
	jest.restoreAllMocks();
	await service.close();
});

interface Setup {
	parameters?: INodeParameters;
	options?: INodeParameters;
	settings?: NodeSettings;
	baseUrl?: string;
	items?: number;
	tool?: unknown;
}

/** Starts a run of Agent Task whose model is the service; pauses are a millisecond long. */
function begin({ parameters, options, settings, baseUrl, items = 1, tool }: Setup = {}): Execution {
	const task = node(
		'Task',
		new AgentTask(),
		{
			modelSource: 'api',
			model: { __rl: true, mode: 'id', value: model },
			task: '=Item {{ $itemIndex }}',
			options: { initialDelaySeconds: 0.001, ...options },
			...parameters,
		},
		{ credentials: { agentSwarmModelApi: 'model' }, ...settings },
	);
	const instance = new TestInstance({
		credentials: {
			model: {
				type: new AgentSwarmModelApi(),
				data: { api: 'openAi', baseUrl: baseUrl ?? service.url, apiKey: CANARY },
			},
		},
	});
	return instance.start(
		{
			nodes: [start(), task, subNode('Tool', 'ai_tool', () => tool)],
			connections: connect(
				['Start', 'Task'],
				...(tool === undefined ? [] : [{ from: 'Tool', to: 'Task', type: 'ai_tool' as const }]),
			),
		},
		{ input: Array.from({ length: items }, () => ({ json: {} })) },
	);
}

async function run(setup: Setup = {}): Promise<Execution> {
	const execution = await begin(setup).settled();
	expect(JSON.stringify(execution.run)).not.toContain(CANARY);
	return execution;
}

/** The result of a run whose first calls get these answers, and the next a good one. */
async function after(...answers: Answer[]): Promise<IDataObject> {
	service.answer(...answers, says('Fine.'));
	const execution = await run();
	expect(execution.error).toBeUndefined();
	return execution.json('Task')[0]!;
}

/** The failure of a run in which every call gets this answer. */
async function failureOf(answer: Answer, setup: Setup = {}) {
	service.answer(answer);
	const execution = await run(setup);
	return { error: execution.error!, calls: service.calls.length };
}

describe('A1: 429 with Retry-After', () => {
	it('waits as long as the service asks', async () => {
		const item = await after(fails(429, 'Slow down.', { 'retry-after': '0.3' }));
		expect(item).toMatchObject({ output: 'Fine.', attempts: 2 });
		const [first, second] = service.calls.map(({ at }) => at);
		expect(second! - first!).toBeGreaterThanOrEqual(290);
	});

	it('fails at once when the service asks for more time than there is', async () => {
		const startedAt = performance.now();
		const { error, calls } = await failureOf(fails(429, 'Slow.', { 'retry-after': '86400' }));
		expect(calls).toBe(1);
		expect(error.message).toMatch(/only \d+ ms are left/);
		expect(performance.now() - startedAt).toBeLessThan(3000);
	});

	it.each(['-5', 'soon', ''])('takes %j for no wish', async (value) => {
		const item = await after(fails(429, 'Slow down.', { 'retry-after': value }));
		expect(item).toMatchObject({ attempts: 2 });
	});

	it('understands a date', async () => {
		const date = new Date(Date.now() - 5000).toUTCString();
		expect(await after(fails(429, 'x', { 'retry-after': date }))).toMatchObject({ attempts: 2 });
	});
});

describe('A2: faults that pass', () => {
	it.each([429, 500, 502, 503, 529])('tries again after %i', async (status) => {
		expect(await after(fails(status), fails(status))).toMatchObject({
			output: 'Fine.',
			attempts: 3,
			usage: { calls: 1 },
		});
		expect(service.calls).toHaveLength(3);
	});

	it('gives up after the given attempts, and says what happened last', async () => {
		const { error, calls } = await failureOf(fails(500, 'Kaputt.'), {
			options: { maxAttempts: 4 },
		});
		expect(calls).toBe(4);
		expect(error.message).toMatch(
			/^All 4 attempts failed\. Last error: Model "model-\d+" at 127\.0\.0\.1:\d+ answered with status 500: Kaputt\.$/,
		);
	});
});

describe('A3: faults that stay', () => {
	it.each([
		[400, 'Check the model name and the options; the service does not accept this request.'],
		[401, 'Check the API key in the credential, and that it may use this model.'],
		[403, 'Check the API key in the credential, and that it may use this model.'],
		[404, 'Check the model name and the base URL in the credential.'],
		[422, 'Check the model name and the options; the service does not accept this request.'],
	])('does not try again after %i, and says what to check', async (status, hint) => {
		const { error, calls } = await failureOf(fails(status, `No: ${CANARY}`));
		expect(calls).toBe(1);
		expect((error as { description?: string }).description).toBe(hint);
	});
});

describe('A4: no connection', () => {
	/** A server that treats every connection alike. */
	async function rawServer(
		onConnection: (write: (text: string) => void, reset: () => void) => void,
	) {
		let connections = 0;
		const server = createServer((socket) => {
			connections++;
			socket.on('error', () => undefined);
			socket.once('data', () =>
				onConnection(
					(text) => socket.write(text),
					() => socket.resetAndDestroy(),
				),
			);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		return {
			url: `http://127.0.0.1:${port}/v1`,
			connections: () => connections,
			close: async () => await new Promise((resolve) => server.close(resolve)),
		};
	}

	it('tries again when the connection is refused, and names the host', async () => {
		const execution = await run({ baseUrl: 'http://127.0.0.1:1/v1' });
		expect(execution.error?.message).toMatch(/^All 3 attempts failed\. .*127\.0\.0\.1:1/);
	});

	it('names the host that nobody knows', async () => {
		const execution = await run({ baseUrl: 'http://no-such-host.invalid/v1' });
		expect(execution.error?.message).toContain('no-such-host.invalid');
	});

	it.each([
		['before the headers', ''],
		['after the headers', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'],
		['in the middle of the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"choices":'],
	])('tries again when it is reset %s', async (_when, text) => {
		const server = await rawServer((write, reset) => {
			if (text !== '') write(text);
			setTimeout(reset, 20);
		});
		const execution = await run({ baseUrl: server.url });
		expect(execution.error?.message).toMatch(/^All 3 attempts failed\./);
		expect(server.connections()).toBe(3);
		await server.close();
	});

	/** Lets every name be looked up this way while a test runs. */
	function lookUp(answer: (callback: (error: Error) => void) => void): void {
		jest.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
			answer(args.at(-1) as (error: Error) => void);
		}) as typeof dns.lookup);
	}

	it('tries again when the name server fails, and names the host', async () => {
		let lookups = 0;
		lookUp((callback) => {
			lookups++;
			callback(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }));
		});
		const execution = await run({ baseUrl: 'http://models.example/v1' });
		expect(execution.error?.message).toMatch(
			/^All 3 attempts failed\. .*models\.example.*could not be looked up/,
		);
		expect(lookups).toBe(3);
	});

	it('does not wait for a name server that does not answer', async () => {
		lookUp(() => undefined);
		const options = { maxAttempts: 2, attemptTimeoutSeconds: 0.05 };
		const execution = await run({ baseUrl: 'http://models.example/v1', options });
		expect(execution.error?.message).toMatch(/^All 2 attempts failed\. .*took longer than 50 ms/);
	});

	it('does not talk to a host whose certificate cannot be trusted', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-certificate-'));
		const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
		const subject = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert];
		execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], {
			stdio: 'ignore',
		});
		let asked = 0;
		const server = createHttpsServer(
			{ key: readFileSync(key), cert: readFileSync(cert) },
			(_request, response) => {
				asked++;
				response.end();
			},
		);
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as AddressInfo;
		const execution = await run({ baseUrl: `https://127.0.0.1:${port}/v1` });
		expect(execution.error?.message).toContain('the certificate of the host is self-signed');
		expect(asked).toBe(0);
		await new Promise((resolve) => server.close(resolve));
		rmSync(folder, { recursive: true });
	});

	it('fails when the other side does not speak TLS at all', async () => {
		const execution = await run({ baseUrl: service.url.replace('http:', 'https:') });
		expect(execution.error?.message).toMatch(/^All 3 attempts failed\./);
		expect(service.calls).toHaveLength(0);
	});

	it('says that a proxy wants a login', async () => {
		const { error } = await failureOf(fails(407));
		expect((error as { description?: string }).description ?? error.message).toBeDefined();
		expect(error.message).toContain('407');
	});
});

describe('A5: no end', () => {
	it.each([
		['never answers', silence],
		[
			'sends headers and then nothing',
			((response) => {
				response.writeHead(200);
				response.write('{');
			}) as Answer,
		],
		[
			'sends a byte from time to time',
			((response) => {
				response.writeHead(200);
				const timer = setInterval(() => response.write(' '), 20);
				response.on('close', () => clearInterval(timer));
			}) as Answer,
		],
	])('ends an attempt at a service that %s, and closes the connection', async (_what, answer) => {
		const startedAt = performance.now();
		const { error, calls } = await failureOf(answer, {
			options: { attemptTimeoutSeconds: 0.2, maxAttempts: 2 },
		});
		expect(error.message).toMatch(/took longer than 200 ms/);
		expect(calls).toBe(2);
		expect(performance.now() - startedAt).toBeLessThan(2000);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(service.calls.every(({ brokenOff }) => brokenOff)).toBe(true);
	});

	it('notices a stream that stops', async () => {
		const piece = { choices: [{ delta: { content: 'Once' } }] };
		const stops: Answer = (response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(`data: ${JSON.stringify(piece)}\n\n`);
		};
		const { error } = await failureOf(stops, {
			options: { idleTimeoutSeconds: 0.2, maxAttempts: 1 },
		});
		expect(error.message).toMatch(/no sign of life for 200 ms/);
	});

	it('lets a slow stream that goes on come to its end', async () => {
		const pieces = Array.from({ length: 6 }, () => ({ choices: [{ delta: { content: 'x' } }] }));
		const end = { choices: [{ delta: {}, finish_reason: 'stop' }] };
		service.answer(streams([...pieces, end, '[DONE]'], 80));
		const execution = await run({ options: { idleTimeoutSeconds: 0.3 } });
		expect(execution.json('Task')[0]).toMatchObject({ output: 'xxxxxx' });
	});
});

describe('A6: broken bytes', () => {
	it('takes a byte order mark', async () => {
		const text = `\uFEFF${JSON.stringify(completion({ text: 'Marked.' }))}`;
		expect(await after(raw(200, text))).toMatchObject({ output: 'Marked.', attempts: 1 });
	});

	it.each([
		['JSON that was cut', raw(200, JSON.stringify(completion({ text: 'x' })).slice(0, -9))],
		['less than was announced', raw(200, '{}', { 'content-length': '100', connection: 'close' })],
		['bytes that are no text', raw(200, Uint8Array.from([0xff, 0xfe, 0xfd, 0x7b]))],
	])('tries again after %s', async (_what, answer) => {
		const closing: Answer = async (response, call, request) => {
			await answer(response, call, request);
			response.socket?.end();
		};
		expect(await after(closing)).toMatchObject({ output: 'Fine.', attempts: 2 });
	});

	it('stops reading a body that never ends being unpacked', async () => {
		// 1 MB that unpacks to 1 GB.
		const part = gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20), { level: 9 });
		const bomb = Buffer.concat(Array.from({ length: 64 }, () => part));
		const before = process.memoryUsage().rss;
		const packed = raw(200, bomb, { 'content-encoding': 'gzip' });
		const { error } = await failureOf(packed, { options: { maxAttempts: 1 } });
		expect(error.message).toMatch(/16 MiB|16777216|too large|larger/i);
		expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
	});
});

describe('A7: an answer that is none', () => {
	it.each([
		['a web page', raw(200, '<html><body>Login</body></html>')],
		['nothing', raw(200, '')],
		['null', raw(200, 'null')],
		['an error that claims success', json(200, { error: { message: 'Oh.', code: 500 } })],
		['no choices', json(200, { object: 'chat.completion' })],
		['keys twice', raw(200, '{"choices":[1],"choices":[]}')],
	])('tries again after %s', async (_what, answer) => {
		expect(await after(answer)).toMatchObject({ output: 'Fine.', attempts: 2 });
	});
});

describe('A8: JSON of the wrong form', () => {
	const parameters = { output: 'json', jsonExample: '{"n": 1}' };

	it.each([
		['invalid JSON', '{"n": 1'],
		['another form', '{"m": 1}'],
		['a number as text', '{"n": "1"}'],
		['no JSON', 'I would say one.'],
		['10 MB of text', 'x'.repeat(10_000_000)],
	])('asks again after %s, at most as often as told', async (_what, text) => {
		service.answer(says(text), says('```json\n{"n": 2}\n```'));
		const execution = await run({ parameters });
		expect(execution.json('Task')[0]).toMatchObject({ output: { n: 2 }, usage: { calls: 2 } });
		service.answer(says(text));
		const failed = await run({ parameters, options: { maxRepairs: 1 } });
		expect(service.calls).toHaveLength(4);
		expect(failed.error?.message).toMatch(/^The model's answer cannot be used after 1 repair\./);
	});

	it.each(['Sure: {"n": 3} Bye!', '```\n```json\n{"n": 3}\n```\n```'])(
		'finds it in %j',
		async (text) => {
			service.answer(says(text));
			expect((await run({ parameters })).json('Task')[0]).toMatchObject({ output: { n: 3 } });
		},
	);
});

describe('A9: odd tool calls', () => {
	const tool = {
		name: 'echo',
		description: 'Echoes.',
		schema: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
		invoke: async ({ n }: { n: number }) => `got ${n}`,
	};
	const statuses = (execution: Execution) =>
		(execution.json('Task')[0]!.toolCalls as IDataObject[]).map(({ status }) => status);

	it('refuses what is unknown or wrong, and tells the model', async () => {
		const toolCalls = [
			{ name: 'fly', args: {} },
			{ name: 'echo', args: { n: 'x' } },
			{ name: 'echo', args: '{"n":' },
			{ id: 'same', name: 'echo', args: { n: 1 } },
			{ id: 'same', name: 'echo', args: { n: 2 } },
		];
		service.answer(says({ toolCalls }), says('Done.'));
		const execution = await run({ tool });
		expect(statuses(execution)).toEqual(['refused', 'refused', 'refused', 'ok', 'ok']);
		const results = service.calls[1]!.body.messages.filter(({ role }) => role === 'tool');
		expect(new Set(results.map(({ tool_call_id: id }) => id)).size).toBe(5);
	});

	it('runs no more of 1,000 calls than allowed', async () => {
		const toolCalls = Array.from({ length: 1000 }, (_entry, n) => ({
			id: `c${n}`,
			name: 'echo',
			args: { n },
		}));
		service.answer(says({ toolCalls }), says('Done.'));
		const execution = await run({ tool, options: { maxToolCalls: 20 } });
		expect(statuses(execution).filter((status) => status === 'ok')).toHaveLength(20);
		expect(statuses(execution).filter((status) => status === 'refused')).toHaveLength(980);
	});
});

describe('A10: loops without end', () => {
	const tool = {
		name: 'again',
		description: 'Again.',
		schema: { type: 'object', properties: {} },
		invoke: async () => 'more',
	};

	it.each([
		['the same call', () => ({ n: 0 })],
		['two calls in turn', (turn: number) => ({ n: turn % 2 })],
		['always another call', (turn: number) => ({ n: turn })],
	])('stops after exactly the given turns: %s', async (_what, args) => {
		let turn = 0;
		service.answer(async (response, call, request) => {
			await says({ toolCalls: [{ name: 'again', args: args(turn++) }] })(response, call, request);
		});
		const execution = await run({
			tool,
			options: { maxIterations: 7 },
			settings: { onError: 'continueErrorOutput' },
		});
		expect(service.calls).toHaveLength(7);
		expect(execution.json('Task')).toEqual([]);
		expect(execution.json('Task', 1)[0]).toMatchObject({
			error: 'The agent was still calling tools after 7 turns and was stopped.',
			details: { code: 'ITERATION_LIMIT' },
		});
	});
});

describe('A11: answers that end early', () => {
	it.each([
		[{ text: 'x', finishReason: 'content_filter' }, /held the answer back/],
		[{ refusal: 'I cannot.' }, /refused to answer: I cannot\./],
	])('says so: %j', async (said, message) => {
		const { error, calls } = await failureOf(says(said));
		expect(error.message).toMatch(message);
		expect(calls).toBe(1);
	});

	it('marks a text that was cut off', async () => {
		expect(await after(says({ text: 'Once', finishReason: 'length' }))).toMatchObject({
			output: 'Once',
			finishReason: 'length',
		});
	});
});

describe('A12: usage that is missing or a lie', () => {
	it.each([null, { prompt_tokens: 0, completion_tokens: 0 }, { prompt_tokens: 'many' }])(
		'counts itself when the service says %j, also for the budget',
		async (usage) => {
			service.answer(says({ text: 'word '.repeat(100), usage }));
			const budget = { limits: [{ unit: 'tokens', hard: 150, scope: 'run' }] };
			const execution = await run({
				items: 3,
				options: { budget, itemsAtOnce: 1 },
				settings: { onError: 'continueErrorOutput' },
			});
			expect(service.calls).toHaveLength(1);
			expect((execution.json('Task')[0]!.usage as IDataObject).outputTokens).toBe(125);
			expect(execution.json('Task', 1)).toMatchObject([
				{ details: { code: 'BUDGET_EXCEEDED' } },
				{ details: { code: 'BUDGET_EXCEEDED' } },
			]);
		},
	);
});

describe('A14: the service is down', () => {
	it('asks the fallback models in their order', async () => {
		service.answer(async (response, call, request) => {
			await (call.body.model === 'third' ? says('From the third.') : fails(401))(
				response,
				call,
				request,
			);
		});
		const execution = await run({ parameters: { fallbackModels: 'second, third' } });
		expect(service.calls.map((call) => call.body.model)).toEqual([model, 'second', 'third']);
		expect(execution.json('Task')[0]).toMatchObject({ output: 'From the third.' });
	});

	it('says what each said when all are down', async () => {
		const { error } = await failureOf(fails(401, 'No.'), { parameters: { fallbackModels: 'b' } });
		expect(error.message).toMatch(/^All 2 models failed\. model-\d+: .*401: No\. b: .*401: No\.$/);
	});

	it('stops calling a service that is down', async () => {
		service.answer(async (response, call, request) => {
			await (call.body.model === 'backup' ? says('Backup.') : fails(500))(response, call, request);
		});
		const execution = await run({
			items: 20,
			parameters: { fallbackModels: 'backup' },
			options: { itemsAtOnce: 1 },
		});
		expect(execution.json('Task')).toHaveLength(20);
		const toFirst = service.calls.filter((call) => call.body.model === model);
		expect(toFirst.length).toBeLessThanOrEqual(6);
	});
});

describe('cancel', () => {
	it('ends all calls within 100 ms', async () => {
		service.answer(silence);
		const execution = begin({ items: 5 });
		while (service.calls.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
		const startedAt = performance.now();
		execution.cancel();
		while (!service.calls.every(({ brokenOff }) => brokenOff)) {
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		expect(performance.now() - startedAt).toBeLessThan(100);
		await execution.settled();
	});
});
