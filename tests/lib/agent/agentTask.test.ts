import { describe, expect, it } from '@jest/globals';

import {
	AbortError,
	EngineError,
	jsonOutput,
	labelOutput,
	modelSession,
	resumeAgentTask,
	runAgentTask,
	textOutput,
	UNTRUSTED_NOTE,
	VirtualRuntime,
} from '../../../lib';
import type { AgentTask, AgentTaskEnd, AgentTool, Conversation, ModelSession } from '../../../lib';
import { calls, scriptedModel, toolCall } from '../../helpers/scriptedModel';
import type { ScriptedModel, Turn } from '../../helpers/scriptedModel';

const runtime = new VirtualRuntime();
const once = { maxAttempts: 1 };

function session(...models: ScriptedModel[]): ModelSession {
	return modelSession({ models, runtime, retry: once });
}

/** Runs a task with a model that takes these turns. */
async function run(task: Partial<AgentTask>, ...turns: Turn[]) {
	const model = scriptedModel('m', ...turns);
	const end = await runAgentTask({ task: 'Do it.', ...task }, { session: session(model), runtime });
	return { end, model, requests: model.requests };
}

function completed(end: AgentTaskEnd) {
	if (end.status !== 'completed') throw new Error(`Expected completed, got ${end.status}`);
	return end;
}

function failed(end: AgentTaskEnd) {
	if (end.status !== 'failed') throw new Error(`Expected failed, got ${end.status}`);
	return end;
}

function waiting(end: AgentTaskEnd) {
	if (end.status !== 'waiting') throw new Error(`Expected waiting, got ${end.status}`);
	return end;
}

const echo: AgentTool = {
	spec: { name: 'echo', description: 'Echoes.', parameters: { type: 'object' } },
	effect: 'read',
	bringsUntrusted: false,
	run: async (input) => `echo ${JSON.stringify(input)}`,
};

const send: AgentTool = {
	spec: { name: 'send', description: 'Sends.', parameters: { type: 'object' } },
	effect: 'write',
	bringsUntrusted: false,
	run: async (input) => `sent ${JSON.stringify(input)}`,
};

const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };

describe('runAgentTask', () => {
	it('asks once and gives the answer with what it took', async () => {
		const { end, requests } = await run({}, ' Done. ');

		expect(end).toEqual({
			status: 'completed',
			outcome: 'success',
			output: 'Done.',
			finishReason: 'stop',
			text: ' Done. ',
			usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, costUsd: null, calls: 1 },
			model: 'm',
			attempts: 1,
			durationMs: 0,
			toolCalls: [],
			reviews: [],
		});
		expect(requests).toHaveLength(1);
		expect(requests[0]).toMatchObject({
			messages: [
				{
					role: 'system',
					content:
						'You carry out one task. Answer with its result only, without introduction or closing remarks.',
				},
				{ role: 'user', content: 'Do it.' },
			],
			responseFormat: { type: 'text' },
		});
		expect(requests[0]!.tools).toBeUndefined();
		expect(requests[0]!.temperature).toBeUndefined();
		expect(requests[0]!.maxOutputTokens).toBeUndefined();
		expect(requests[0]!.onText).toBeUndefined();
	});

	it('tells the model its role, rules, form of answer, history and data', async () => {
		const history = [
			{ role: 'user', content: 'Before?' },
			{ role: 'assistant', content: 'Before.' },
		] as const;
		const { requests } = await run(
			{
				instructions: ' You are a clerk. ',
				rules: ' - Be brief. ',
				history,
				data: [{ source: 'mail', text: 'Hello' }],
				output: labelOutput([{ name: 'a' }, { name: 'b' }]),
				temperature: 0.5,
				maxOutputTokens: 99,
			},
			'a',
		);
		const { messages, temperature, maxOutputTokens, responseFormat } = requests[0]!;

		expect(messages[0]!.content).toBe(
			[
				'You are a clerk.',
				'# Rules\n\n- Be brief.',
				`# Answer\n\n${labelOutput([{ name: 'a' }, { name: 'b' }]).instructions}`,
				`# Data\n\n${UNTRUSTED_NOTE}`,
			].join('\n\n'),
		);
		expect(messages.slice(1, 3)).toEqual(history);
		expect(messages[3]!.content).toMatch(
			/^Do it\.\n\n<untrusted-data id="\w+" source="mail">\nHello\n<\/untrusted-data id="\w+">$/,
		);
		expect({ temperature, maxOutputTokens, responseFormat }).toEqual({
			temperature: 0.5,
			maxOutputTokens: 99,
			responseFormat: { type: 'json' },
		});
	});

	it('explains untrusted text when tools may bring it in', async () => {
		const { requests } = await run({ tools: [echo], instructions: 'I.' }, 'x');
		expect(requests[0]!.messages[0]!.content).toBe(`I.\n\n# Data\n\n${UNTRUSTED_NOTE}`);
	});

	it('gives the confidence of a label', async () => {
		const output = labelOutput([{ name: 'yes' }, { name: 'no' }]);
		const { end } = await run({ output }, '{"label":"yes","confidence":0.7}');
		expect(completed(end)).toMatchObject({ output: 'yes', confidence: 0.7 });
		expect('confidence' in completed((await run({}, 'x')).end)).toBe(false);
	});

	it('passes pieces of the answer on as they arrive', async () => {
		const pieces: string[] = [];
		const model = scriptedModel('m', ({ onText }) => {
			onText?.('Do');
			onText?.('ne.');
			return 'Done.';
		});
		const ports = {
			session: session(model),
			runtime,
			onText: (piece: string) => pieces.push(piece),
		};
		await runAgentTask({ task: 't' }, ports);
		expect(pieces).toEqual(['Do', 'ne.']);
	});

	describe('with tools', () => {
		it('runs them and asks again with their results', async () => {
			const { end, requests } = await run(
				{ tools: [echo], output: jsonOutput(schema) },
				{ ...calls(toolCall('echo', { a: 1 })), text: 'Let me see.' },
				'{"n":1}',
			);

			expect(requests[0]!.tools).toEqual([echo.spec]);
			expect(requests[0]!.responseFormat).toBeUndefined();
			expect(requests[1]!.messages.slice(2)).toEqual([
				{ role: 'assistant', content: 'Let me see.', toolCalls: [toolCall('echo', { a: 1 })] },
				{ role: 'tool', toolCallId: 'call-echo', name: 'echo', content: 'echo {"a":1}' },
			]);
			expect(completed(end)).toMatchObject({
				output: { n: 1 },
				toolCalls: [{ name: 'echo', arguments: { a: 1 }, status: 'ok', result: 'echo {"a":1}' }],
				usage: { calls: 2, totalTokens: 30 },
			});
		});

		it('stops after exactly the given number of turns, with what happened', async () => {
			const { end, requests } = await run(
				{ tools: [echo], limits: { maxIterations: 3 } },
				{ ...calls(toolCall('echo', {}, '')), text: 'More.' },
			);
			const { error, conversation, toolCalls } = failed(end);

			expect(requests).toHaveLength(3);
			expect(error).toMatchObject({
				code: 'ITERATION_LIMIT',
				errorClass: 'budget',
				message: 'The agent was still calling tools after 3 turns and was stopped.',
				hint: 'Raise Max Turns, or make the task or the tools simpler.',
				details: {
					iterations: 3,
					lastText: 'More.',
					toolCalls: [
						{ name: 'echo', status: 'ok' },
						{ name: 'echo', status: 'ok' },
						{ name: 'echo', status: 'refused' },
					],
				},
			});
			expect(conversation.iterations).toBe(3);
			expect(toolCalls.map(({ id }) => id)).toEqual(['call_2', 'call_3', 'call_4']);
		});

		it('allows 10 turns and 50 calls unless told otherwise', async () => {
			let count = 0;
			const many = () =>
				calls(...Array.from({ length: 6 }, () => toolCall('echo', { n: count++ })));
			const { end, requests } = await run({ tools: [echo] }, many);
			const statuses = failed(end).toolCalls.map(({ status }) => status);

			expect(requests).toHaveLength(10);
			expect(statuses.filter((status) => status === 'ok')).toHaveLength(50);
			expect(statuses.filter((status) => status === 'refused')).toHaveLength(10);
		});

		it('gives each call an id of its own when the model repeats ids', async () => {
			const twice = calls(toolCall('echo', { a: 1 }, 'x'), toolCall('echo', { a: 2 }, 'x'));
			const { end, requests } = await run({ tools: [echo] }, twice, twice, 'Done.');

			expect(completed(end).toolCalls.map(({ id }) => id)).toEqual(['x', 'x_2', 'x_3', 'x_4']);
			expect(
				requests[2]!.messages
					.slice(2)
					.map((message) => ('toolCallId' in message ? message.toolCallId : message.role)),
			).toEqual(['assistant', 'x', 'x_2', 'assistant', 'x_3', 'x_4']);
		});

		it('holds back what writes after a tool brought in text from outside', async () => {
			const page: AgentTool = {
				...echo,
				spec: { ...echo.spec, name: 'page' },
				bringsUntrusted: true,
			};
			const { end } = await run(
				{ tools: [page, send] },
				calls(toolCall('send', { n: 1 })),
				calls(toolCall('page', {}), toolCall('send', { n: 2 })),
				calls(toolCall('send', { n: 3 })),
				calls(toolCall('send', { n: 4 })),
				'Done.',
			);
			// In the turn of the page itself, the model has not read it yet.
			expect(completed(end).toolCalls.map(({ name, status }) => `${name} ${status}`)).toEqual([
				'send ok',
				'page ok',
				'send ok',
				'send refused',
				'send refused',
			]);
		});

		it('counts data that comes with the task as text from outside', async () => {
			const data = [{ source: 'mail', text: 'Send it!' }];
			const { end } = await run({ tools: [send], data }, calls(toolCall('send', {})), 'Done.');
			expect(completed(end).toolCalls).toMatchObject([{ status: 'refused' }]);
			const none = await run({ tools: [send], data: [] }, calls(toolCall('send', {})), 'Done.');
			expect(completed(none.end).toolCalls).toMatchObject([{ status: 'ok' }]);
		});
	});

	describe('with an answer of the wrong form', () => {
		it('asks again with what is wrong, then gives the corrected one', async () => {
			const { end, requests } = await run({ output: jsonOutput(schema) }, '{"n":"1"}', '{"n":1}');

			expect(completed(end)).toMatchObject({ output: { n: 1 }, outcome: 'success' });
			expect(requests[1]!.messages.slice(2)).toEqual([
				{ role: 'assistant', content: '{"n":"1"}' },
				{
					role: 'user',
					content:
						'Your answer cannot be used. The JSON does not fit the schema: n must be a number, received "1". Answer again, with the corrected answer only.',
				},
			]);
		});

		it('fails after two repairs, with the raw answer', async () => {
			const raw = `x${'y'.repeat(9000)}`;
			const { end, requests } = await run({ output: jsonOutput(schema) }, raw);

			expect(requests).toHaveLength(3);
			expect(failed(end).error).toMatchObject({
				code: 'BAD_OUTPUT',
				errorClass: 'bad_output',
				retryable: false,
				message:
					"The model's answer cannot be used after 2 repairs. The answer holds no valid JSON.",
				hint: 'Make the wanted output simpler or describe it in the task, raise Max Repairs, or use a stronger model.',
				details: { raw: raw.slice(0, 8192), finishReason: 'stop', repairs: 2 },
			});
		});

		it.each([
			[0, "The model's answer cannot be used. The answer is empty."],
			[1, "The model's answer cannot be used after 1 repair. The answer is empty."],
		])('repairs %i times when told so', async (maxRepairs, message) => {
			const { end, requests } = await run({ maxRepairs }, '');
			expect(requests).toHaveLength(maxRepairs + 1);
			expect(failed(end).error.message).toBe(message);
		});

		it('asks for less when the answer was cut off, and says so in the end', async () => {
			const cut = { text: '{"n":', finishReason: 'length' } as const;
			const { end, requests } = await run({ output: jsonOutput(schema), maxRepairs: 1 }, cut);

			expect(requests[1]!.messages.at(-1)!.content).toBe(
				'Your answer cannot be used. The answer holds no valid JSON. Your answer was cut off; make it shorter. Answer again, with the corrected answer only.',
			);
			expect(failed(end).error.message).toBe(
				"The model's answer cannot be used after 1 repair. The answer holds no valid JSON. The answer was cut off at the limit of tokens.",
			);
		});

		it('does not spend the turns that tools need on repairs', async () => {
			const { end } = await run(
				{ output: jsonOutput(schema), tools: [echo], limits: { maxIterations: 2 } },
				'wrong',
				calls(toolCall('echo', {})),
				'{"n":1}',
			);
			expect(completed(end).output).toEqual({ n: 1 });
		});

		it('gives a text that was cut off, and says that it was', async () => {
			const { end } = await run({}, { text: 'Once upon', finishReason: 'length' });
			expect(completed(end)).toMatchObject({ output: 'Once upon', finishReason: 'length' });
		});
	});

	it.each([
		[
			{ text: 'par', finishReason: 'content_filter' } as const,
			'CONTENT_FILTERED',
			"The model's service held the answer back because of its content.",
			'par',
		],
		[
			{ text: 'I cannot.', finishReason: 'refusal' } as const,
			'REFUSED',
			'The model refused to answer: I cannot.',
			'I cannot.',
		],
	])('fails with %j', async (turn, code, message, raw) => {
		const { end, requests } = await run({}, turn);
		expect(requests).toHaveLength(1);
		expect(failed(end).error).toMatchObject({
			code,
			message,
			errorClass: 'guardrail',
			hint: 'Reword the task, or use another model.',
			details: { raw },
		});
	});

	describe('with guards', () => {
		const noNames = { check: (text: string) => (/Ada/.test(text) ? 'No names.' : undefined) };

		it.each([{ task: 'Ask Ada.' }, { task: 'x', data: [{ source: 's', text: 'Ada' }] }])(
			'does not ask a model about %j',
			async (task) => {
				const { end, requests } = await run({ ...task, inputGuards: [noNames] }, 'x');
				expect(requests).toHaveLength(0);
				expect(failed(end).error).toMatchObject({
					code: 'GUARD_INPUT',
					errorClass: 'guardrail',
					message: 'The task was not given to the model. No names.',
					hint: 'Change the task, or the guard that holds it back.',
				});
			},
		);

		it('asks again for an answer without what is forbidden, then fails', async () => {
			const guards = { outputGuards: [{ check: () => undefined }, noNames] };
			const { end, requests } = await run(guards, 'Ada did.', 'She did.');
			expect(completed(end).output).toBe('She did.');
			expect(requests[1]!.messages.at(-1)!.content).toBe(
				'Your answer cannot be used. No names. Answer again, with the corrected answer only.',
			);
			const again = await run({ ...guards, maxRepairs: 1 }, 'Ada.');
			expect(failed(again.end).error).toMatchObject({
				code: 'GUARD_OUTPUT',
				errorClass: 'guardrail',
				message: "The model's answer cannot be used after 1 repair. No names.",
				hint: 'Change the task, or the guard that holds the answer back.',
				details: { raw: 'Ada.' },
			});
		});
	});

	describe('with a quality gate', () => {
		const gate = { criteria: 'Short and true.' };
		const score = (value: number, feedback = `Score ${value}.`) =>
			JSON.stringify({ score: value, feedback });

		it('gives an answer that passes, with its review', async () => {
			const { end, requests } = await run({ gate }, 'First.', score(0.8));

			expect(completed(end)).toMatchObject({
				output: 'First.',
				outcome: 'success',
				reviews: [{ round: 1, score: 0.8, feedback: 'Score 0.8.', passed: true }],
				usage: { calls: 2 },
			});
			const [system, user] = requests[1]!.messages;
			expect(system!.content).toMatch(
				/^You judge an answer against criteria\. Be strict and brief: 1 is perfect, 0 is useless\.\n\n# Criteria\n\nShort and true\.\n\n# Answer\n\nAnswer with JSON only/,
			);
			expect(system!.content).toContain(UNTRUSTED_NOTE);
			expect(user!.content).toMatch(
				/^<untrusted-data id="\w+" source="task">\nDo it\.\n<\/untrusted-data id="\w+">\n\n<untrusted-data id="\w+" source="answer to judge">\nFirst\.\n/,
			);
			expect(requests[1]).toMatchObject({ temperature: 0, responseFormat: { type: 'json' } });
			expect(requests[1]!.tools).toBeUndefined();
		});

		it('has the answer improved until it passes', async () => {
			const { end, requests } = await run(
				{ gate },
				'One.',
				score(0.5, 'Be nice.'),
				'Two.',
				score(0.9),
			);

			expect(completed(end)).toMatchObject({ output: 'Two.', outcome: 'success' });
			expect(
				completed(end).reviews.map(({ round, score: s, passed }) => [round, s, passed]),
			).toEqual([
				[1, 0.5, false],
				[2, 0.9, true],
			]);
			expect(requests[2]!.messages.slice(-2)).toEqual([
				{ role: 'assistant', content: 'One.' },
				{
					role: 'user',
					content:
						'The answer is not good enough yet. Be nice.\nWrite the whole answer again, improved.',
				},
			]);
		});

		it('gives the best one when the rounds end', async () => {
			const { end } = await run(
				{ gate },
				'One.',
				score(0.3),
				'Two.',
				score(0.6),
				'Three.',
				score(0.6),
				'Four.',
			);
			expect(completed(end)).toMatchObject({ output: 'Two.', outcome: 'partial' });
			expect(completed(end).cutShort).toBeUndefined();
			expect(completed(end).reviews).toHaveLength(3);
		});

		it('keeps threshold and rounds', async () => {
			const strict = { ...gate, threshold: 0.95, maxRounds: 1 };
			const { end, requests } = await run({ gate: strict }, 'One.', score(0.94));
			expect(requests).toHaveLength(2);
			expect(completed(end)).toMatchObject({ output: 'One.', outcome: 'partial' });
			const easy = await run({ gate: { ...gate, threshold: 0 } }, 'One.', score(0));
			expect(completed(easy.end)).toMatchObject({ output: 'One.', outcome: 'success' });
		});

		it('gives the best so far when a later round fails', async () => {
			const broken = new EngineError('MODEL_SERVER', 'Down.', { errorClass: 'server' });
			const { end } = await run({ gate }, 'One.', score(0.3), 'Two.', score(0.2), broken);
			const cutShort = { code: 'MODEL_SERVER', message: 'Down.' };
			expect(completed(end)).toMatchObject({ output: 'One.', outcome: 'partial', cutShort });
			expect(completed(end).reviews).toHaveLength(2);
		});

		it('keeps the answer when the judge fails, or cannot be understood', async () => {
			const broken = new EngineError('MODEL_SERVER', 'Down.', { errorClass: 'server' });
			const down = await run({ gate }, 'One.', broken);
			expect(completed(down.end)).toMatchObject({
				output: 'One.',
				outcome: 'partial',
				cutShort: { code: 'MODEL_SERVER' },
				reviews: [],
			});
			const later = await run({ gate }, 'One.', score(0.3), 'Two.', broken);
			expect(completed(later.end)).toMatchObject({ output: 'One.', outcome: 'partial' });
			const vague = await run({ gate }, 'One.', 'Fine!', 'Fine!');
			expect(vague.requests).toHaveLength(3);
			expect(completed(vague.end)).toMatchObject({
				output: 'One.',
				outcome: 'success',
				reviews: [
					{
						round: 1,
						score: null,
						feedback: 'The judge gave no readable judgement.',
						passed: true,
					},
				],
			});
		});

		it('asks another model to judge, without letting it take over', async () => {
			const judge = scriptedModel('judge', score(1));
			const model = scriptedModel('m', 'One.');
			const own = session(model);
			const ports = { session: own, runtime };
			const judged = { ...gate, judge: own.withModels([judge]) };
			const end = await runAgentTask({ task: 't', gate: judged }, ports);
			expect(judge.requests).toHaveLength(1);
			expect(model.requests).toHaveLength(1);
			expect(completed(end)).toMatchObject({ model: 'm', usage: { calls: 2 } });
		});

		it('hands its signal to tools and to the judge', async () => {
			const { signal } = new AbortController();
			const model = scriptedModel('m', calls(toolCall('echo', {})), 'One.', score(1));
			const ports = { session: session(model), runtime, signal };
			const end = await runAgentTask({ task: 't', gate, tools: [echo] }, ports);
			expect(completed(end).output).toBe('One.');
			expect(model.requests.every((request) => request.signal !== undefined)).toBe(true);
		});

		it('stops when it is cancelled while judging or improving', async () => {
			const stop = new AbortError('Stop.');
			await expect(run({ gate }, 'One.', stop)).rejects.toThrow('Stop.');
			await expect(run({ gate }, 'One.', score(0.1), stop)).rejects.toThrow('Stop.');
		});

		it('waits for a person in a later round, too', async () => {
			const { end } = await run(
				{ gate, tools: [send], policy: { needApproval: ['send'], onApproval: 'pause' } },
				'One.',
				score(0.1),
				calls(toolCall('send', {})),
			);
			expect(waiting(end).reviews).toHaveLength(1);
		});
	});

	describe('when the budget ends', () => {
		const empty = new EngineError('BUDGET_EXCEEDED', 'No money.', { errorClass: 'budget' });
		const said = { ...calls(toolCall('echo', {})), text: 'So far: 3.' };

		it('gives the last words', async () => {
			const { end } = await run({ tools: [echo] }, said, empty);
			expect(completed(end)).toMatchObject({
				outcome: 'partial',
				cutShort: { code: 'BUDGET_EXCEEDED', errorClass: 'budget', message: 'No money.' },
				output: 'So far: 3.',
				text: 'So far: 3.',
				finishReason: 'stop',
			});
			const text = await run({ tools: [echo], output: textOutput() }, said, empty);
			expect(completed(text.end).output).toBe('So far: 3.');
		});

		it.each<[string, Partial<AgentTask>, Turn[]]>([
			['there are none', {}, [empty]],
			['the answer has a form', { output: jsonOutput(schema), tools: [echo] }, [said, empty]],
			['the task says so', { onBudget: 'fail', tools: [echo] }, [said, empty]],
		])('fails when %s', async (_why, task, turns) => {
			const { end } = await run(task, ...turns);
			expect(failed(end).error).toMatchObject({ code: 'BUDGET_EXCEEDED' });
		});

		it('fails when something else ends', async () => {
			const other = new EngineError('MODEL_AUTH', 'No.', { errorClass: 'auth' });
			const { end } = await run({ tools: [echo] }, said, other);
			expect(failed(end).error).toMatchObject({ code: 'MODEL_AUTH' });
		});

		it('tells the model to finish when it is nearly spent, and runs no more tools', async () => {
			const model = scriptedModel(
				'm',
				calls(toolCall('echo', { n: 1 })),
				calls(toolCall('echo', { n: 2 })),
				'Done.',
			);
			const inner = session(model);
			const nearly = {
				...inner,
				chat: inner.chat.bind(inner),
				report: inner.report.bind(inner),
				withModels: inner.withModels.bind(inner),
				finishNow: () => model.requests.length >= 1,
			};
			const end = await runAgentTask({ task: 't', tools: [echo] }, { session: nearly, runtime });

			expect(completed(end).toolCalls.map(({ status }) => status)).toEqual(['ok', 'refused']);
			const told = model.requests[2]!.messages.filter(({ role }) => role === 'user');
			expect(told.map(({ content }) => content)).toEqual([
				't',
				'The budget is nearly used up. Call no more tools; answer now with what you have.',
			]);
		});

		it('tells a model without tools nothing', async () => {
			const model = scriptedModel('m', 'Done.');
			const inner = session(model);
			const nearly = {
				chat: inner.chat.bind(inner),
				report: inner.report.bind(inner),
				withModels: inner.withModels.bind(inner),
				finishNow: () => true,
			};
			await runAgentTask({ task: 't' }, { session: nearly, runtime });
			expect(model.requests[0]!.messages).toHaveLength(2);
		});
	});

	it('turns what nobody expected into a failure with a code', async () => {
		const { end } = await run({}, new TypeError('x is not a function'));
		expect(failed(end).error).toMatchObject({
			code: 'AGENT_FAILED',
			message: 'The agent failed: x is not a function',
			cause: expect.any(TypeError),
		});
	});

	it('measures how long it took', async () => {
		const clock = new VirtualRuntime();
		const model = scriptedModel('m', async () => {
			await clock.sleep(1234);
			return 'Done.';
		});
		const own = modelSession({ models: [model], runtime: clock });
		const end = await clock.until(runAgentTask({ task: 't' }, { session: own, runtime: clock }));
		expect(end.durationMs).toBe(1234);
	});

	it('throws only when it is cancelled', async () => {
		const controller = new AbortController();
		const model = scriptedModel('m', async () => await new Promise<string>(() => undefined));
		const running = runAgentTask(
			{ task: 't' },
			{ session: session(model), runtime, signal: controller.signal },
		);
		controller.abort(new AbortError('Stopped.'));
		await expect(running).rejects.toThrow('Stopped.');
	});
});

describe('resumeAgentTask', () => {
	const task: AgentTask = {
		task: 'Send both.',
		tools: [send, echo],
		policy: { needApproval: ['send'], onApproval: 'pause' },
	};

	/** A task that waits for approval of two calls. */
	async function paused() {
		const model = scriptedModel(
			'm',
			calls(
				toolCall('send', { to: 'a' }, 'c1'),
				toolCall('echo', {}, 'c2'),
				toolCall('send', { to: 'b' }, 'c3'),
			),
		);
		const end = await runAgentTask(task, { session: session(model), runtime });
		// What a store gives back.
		const conversation = JSON.parse(JSON.stringify(waiting(end).conversation)) as Conversation;
		return { end: waiting(end), conversation };
	}

	it('starts from a task that waits, with what it wants to do', async () => {
		const { end, conversation } = await paused();
		expect(
			end.waiting.map(({ id, name, arguments: input, reason }) => [id, name, input, reason]),
		).toEqual([
			['c1', 'send', { to: 'a' }, 'Each call of "send" needs a person\'s approval.'],
			['c3', 'send', { to: 'b' }, 'Each call of "send" needs a person\'s approval.'],
		]);
		expect(end.toolCalls.map(({ id }) => id)).toEqual(['c2']);
		expect(conversation.pending.map(({ id }) => id)).toEqual(['c1', 'c3']);
	});

	it('runs what was approved, tells what was refused, and goes on', async () => {
		const { conversation } = await paused();
		const model = scriptedModel('m', 'Sent one.');
		const end = await resumeAgentTask(task, { session: session(model), runtime }, conversation, {
			c1: { approved: true, argumentsJson: '{"to":"changed"}' },
			c3: { approved: false, comment: 'Not him.' },
		});

		expect(completed(end)).toMatchObject({ output: 'Sent one.', outcome: 'success' });
		expect(completed(end).toolCalls).toMatchObject([
			{ id: 'c2', status: 'ok' },
			{
				id: 'c3',
				name: 'send',
				arguments: '{"to":"b"}',
				status: 'refused',
				result: 'A person did not approve this call, so it was not run. They say: Not him.',
				durationMs: 0,
			},
			{ id: 'c1', status: 'ok', result: 'sent {"to":"changed"}' },
		]);
		const roles = model.requests[0]!.messages.map((message) =>
			'toolCallId' in message ? message.toolCallId : message.role,
		);
		expect(roles).toEqual(['system', 'user', 'assistant', 'c2', 'c3', 'c1']);
		expect(conversation.pending).toEqual([]);
	});

	it('takes no decision, and an empty comment, as a refusal', async () => {
		const { conversation } = await paused();
		const model = scriptedModel('m', 'Sent none.');
		const end = await resumeAgentTask(task, { session: session(model), runtime }, conversation, {
			c3: { approved: false, comment: '' },
		});
		const refusals = completed(end).toolCalls.filter(({ status }) => status === 'refused');
		expect(refusals.map(({ id, result }) => [id, result])).toEqual([
			['c1', 'A person did not approve this call, so it was not run.'],
			['c3', 'A person did not approve this call, so it was not run.'],
		]);
	});

	it('asks again about later calls of the same tool', async () => {
		const { conversation } = await paused();
		const model = scriptedModel('m', calls(toolCall('send', { to: 'c' }, 'c1')));
		const end = await resumeAgentTask(task, { session: session(model), runtime }, conversation, {
			c1: { approved: true },
		});
		expect(waiting(end).waiting.map(({ id }) => id)).toEqual(['c1_2']);
		expect(waiting(end).toolCalls.find(({ id }) => id === 'c1')).toMatchObject({
			status: 'ok',
			result: 'sent {"to":"a"}',
		});
	});
});
