/** S1: the key of a credential shows up nowhere, whatever a service does with it. */
import { existsSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';

import { AgentSwarmModelApi } from '../../../credentials/AgentSwarmModelApi.credentials';
import { defaultStorePath } from '../../../lib';
import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { connect, node, runWorkflow, start, subNode } from '../../harness';
import { completion, json, modelService, raw, says, streams } from '../../helpers/modelServer';
import type { Answer, ModelService } from '../../helpers/modelServer';

const KEY = ['canary', 'Zx81+q/7=', 'secret'].join('-');

/** The key as it might be written. */
const FORMS: ReadonlyArray<readonly [string, string]> = [
	['as it is', KEY],
	['in base64', Buffer.from(KEY).toString('base64')],
	['URL-encoded', encodeURIComponent(KEY)],
	['as a header', `Authorization: Bearer ${KEY}`],
	['as an address', `https://user:${KEY}@host.test/?api_key=${encodeURIComponent(KEY)}`],
];

type Fault = readonly [string, (text: string) => Answer];

/** Where a service might repeat it. */
const FAULTS: readonly Fault[] = [
	['the message of a 400', (text) => json(400, { error: { message: `Bad: ${text}` } })],
	['the message of a 401', (text) => json(401, { error: { message: `Bad key ${text}` } })],
	[
		'the message of a 429',
		(text) => json(429, { error: { message: text } }, { 'retry-after': '0' }),
	],
	['the message of a 500', (text) => json(500, { error: { message: text } })],
	['a plain 503', (text) => raw(503, `Service with ${text} is down`)],
	['the header of a 500', (text) => raw(500, 'x', { 'x-echo': encodeURIComponent(text) })],
	['a cookie', (text) => raw(500, 'x', { 'set-cookie': `k=${encodeURIComponent(text)}` })],
	[
		'the address of a redirect',
		(text) => raw(302, '', { location: `http://127.0.0.1:1/?k=${encodeURIComponent(text)}` }),
	],
	['a web page', (text) => raw(200, `<html>${text}</html>`)],
	['broken JSON', (text) => raw(200, `{"choices": "${text}`)],
	['an error that claims success', (text) => json(200, { error: { message: text } })],
	['an answer without choices', (text) => json(200, { echo: text })],
	['the answer', (text) => says(`You sent ${text}.`)],
	['the name of the model', (text) => says({ text: 'Fine.', model: text })],
	['a refusal', (text) => says({ refusal: `No: ${text}` })],
	['filtered content', (text) => says({ text, finishReason: 'content_filter' })],
	['the name of a tool', (text) => says({ toolCalls: [{ name: text, args: {} }] })],
	['the arguments of a tool', (text) => says({ toolCalls: [{ name: 'echo', args: { text } }] })],
	['broken arguments', (text) => says({ toolCalls: [{ name: 'echo', args: `{"${text}` }] })],
	[
		'a stream',
		(text) =>
			streams([{ choices: [{ delta: { content: `Got ${text}` }, finish_reason: 'stop' }] }]),
	],
	['extra fields', (text) => json(200, { ...completion({ text: 'Fine.' }), note: text })],
];

let service: ModelService;

beforeAll(async () => {
	service = await modelService();
});
afterAll(async () => {
	await service.close();
});

const echo = {
	name: 'echo',
	description: 'Echoes.',
	schema: { type: 'object', properties: {} },
	invoke: async (input: object) => JSON.stringify(input),
};

async function run(options: INodeParameters, model: string) {
	return await runWorkflow({
		nodes: [
			start(),
			node(
				'Task',
				new AgentTask(),
				{
					modelSource: 'api',
					model: { __rl: true, mode: 'id', value: model },
					task: 'Do it.',
					options: {
						initialDelaySeconds: 0,
						maxAttempts: 2,
						maxIterations: 2,
						cacheMinutes: 5,
						threadId: 'secrets',
						...options,
					},
				},
				{ credentials: { agentSwarmModelApi: 'model' }, onError: 'continueErrorOutput' },
			),
			subNode('Tool', 'ai_tool', () => echo),
		],
		connections: connect(['Start', 'Task'], { from: 'Tool', to: 'Task', type: 'ai_tool' }),
		credentials: {
			model: { type: new AgentSwarmModelApi(), data: { baseUrl: service.url, apiKey: KEY } },
		},
		input: [{ json: {} }],
	});
}

/** Everything that the engine keeps on disk. */
function stored(): string {
	const path = defaultStorePath();
	return [path, `${path}-wal`]
		.filter((file) => existsSync(file))
		.map((file) => readFileSync(file, 'latin1'))
		.join('');
}

const leaks = (text: string): string[] =>
	FORMS.slice(0, 3).flatMap(([form, secret]) => {
		const inJson = JSON.stringify(secret).slice(1, -1);
		return text.includes(secret) || text.includes(inJson) ? [form] : [];
	});

describe('the key of a credential', () => {
	const all = FORMS.map(([, text]) => text).join(' ');
	const cases = FAULTS.flatMap(([where, answer]) => [
		...FORMS.map(([form, text]) => ({ where, form, options: {}, answer: answer(text) })),
		{ where, form: 'for a person', options: { onExhausted: 'person' }, answer: answer(all) },
		{ where, form: 'streamed', options: { idleTimeoutSeconds: 5 }, answer: answer(all) },
	]);

	it('is sent', async () => {
		service.answer(says('Fine.'));
		await run({}, 'sent');
		expect(service.calls.at(-1)!.headers.authorization).toBe(`Bearer ${KEY}`);
	});

	it.each(cases.map((one, index) => ({ ...one, index })))(
		'shows up nowhere when a service repeats it in $where, $form',
		async ({ answer, options, index }) => {
			service.answer(answer);
			const execution = await run(options, `m${index}`);
			expect(leaks(JSON.stringify(execution.run))).toEqual([]);
			expect(leaks(execution.error?.stack ?? '')).toEqual([]);
		},
	);

	it('is not kept in the store', () => {
		const text = stored();
		expect(text.length).toBeGreaterThan(1000);
		expect(leaks(text)).toEqual([]);
	});
});
