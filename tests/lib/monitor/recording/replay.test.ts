import {
	agentKinds,
	builtInKinds,
	EngineError,
	exportRecording,
	httpKind,
	memoryStore,
	Recorder,
	RECORDED,
	recordedStart,
	replayRecording,
	tapedAgents,
	tapedAnswers,
	tapedKind,
	toJson,
	VirtualRuntime,
	WorkflowManager,
	type AgentTool,
	type AnyStepKind,
	type ChatModel,
	type ChatRequest,
	type ChatResponse,
	type Recording,
} from '../../../../lib';
import { humanKind } from '../../../../lib/workflow';
import { NOON } from '../pictures';

const USAGE = { inputTokens: 5, outputTokens: 5, totalTokens: 10, estimated: false };

function answer(text: string, toolCalls: ChatResponse['toolCalls'] = []): ChatResponse {
	const finishReason = toolCalls.length > 0 ? 'tool_calls' : 'stop';
	return { text, toolCalls, finishReason, usage: USAGE, model: 'm1' };
}

/** A model that calls a tool once, after it was out of order once. */
function model(runtime: VirtualRuntime): ChatModel {
	let calls = 0;
	return {
		name: 'm1',
		key: 'm1',
		chat: async ({ messages }: ChatRequest) => {
			await runtime.sleep(120);
			if (++calls === 1) {
				throw new EngineError('MODEL_OVERLOADED', 'Too busy.', { errorClass: 'overloaded' });
			}
			const last = messages.at(-1)!;
			if (last.role === 'tool') return answer(`It is ${last.content}.`);
			return answer('', [{ id: 'c1', name: 'clock', argumentsJson: '{}' }]);
		},
	};
}

function clock(runtime: VirtualRuntime): AgentTool {
	return {
		spec: { name: 'clock', description: 'Tells the time.', parameters: { type: 'object' } },
		effect: 'read',
		bringsUntrusted: false,
		run: async () => {
			await runtime.sleep(30);
			return 'noon';
		},
	};
}

const definition = {
	name: 'Mail',
	steps: [
		{ id: 'ask', kind: 'agent', agent: 'writer', task: 'What time is it?', dependencies: [] },
		{ id: 'fetch', kind: 'http', parameters: { url: 'https://api.example/x' }, dependencies: [] },
		{ id: 'pause', kind: 'wait', parameters: { seconds: 60 }, dependencies: [] },
		{
			id: 'approve',
			kind: 'human',
			parameters: { prompt: 'Good?' },
			dependencies: ['ask', 'fetch'],
		},
		{
			id: 'send',
			kind: 'transform',
			dependencies: ['approve', 'pause'],
			parameters: {
				value: { text: '{{ steps.ask.output }}', by: '{{ steps.approve.output.answer }}' },
			},
		},
	],
};

/** Runs the definition with everything outside played by this test, recorded. */
async function recorded(metadata: Record<string, unknown> = { [RECORDED]: true }) {
	const runtime = new VirtualRuntime({ startAt: NOON, seed: 7 });
	const store = memoryStore(runtime);
	const recorder = new Recorder({
		store,
		runtime,
		startOf: async (runId) => await recordedStart(store, runtime, runId),
		redact: (value) => toJson(JSON.parse(JSON.stringify(value).replaceAll('s3cret', '***'))),
	});
	const one = model(runtime);
	const http = {
		request: async () => {
			await runtime.sleep(400);
			return { status: 200, headers: {}, text: '{"key":"s3cret"}' };
		},
		stream: async () => await Promise.reject(new Error('Not used.')),
	};
	const kinds: AnyStepKind[] = [
		...builtInKinds,
		tapedKind(httpKind(http), recorder),
		tapedAnswers(humanKind, recorder),
		...agentKinds(
			async (call) =>
				await tapedAgents(
					{
						runtime,
						tape: recorder,
						store,
						settings: {
							profiles: [{ name: 'writer', instructions: 'You write.' }],
							maxAttempts: 3,
							attemptMs: 5000,
						},
						models: async () => await Promise.resolve([one]),
						tools: () => [clock(runtime)],
					},
					call,
				),
		),
	];
	const manager = new WorkflowManager({ runtime, store, kinds, keepEvents: true });
	await runtime.until(manager.start(definition, { runId: 'r1', input: { a: 1 }, metadata }));
	await runtime.advance(20_000);
	const [asked] = await runtime.until(manager.requests());
	await runtime.until(manager.answer('r1', asked!.request.requestId, 'yes'));
	const result = await runtime.until(manager.wait('r1'));
	await runtime.advance(1000);
	return { runtime, store, result };
}

async function recording(): Promise<Recording> {
	const { runtime, store } = await recorded();
	return await runtime.until(exportRecording(store, runtime, 'r1'));
}

describe('a recorded run', () => {
	it('holds what it was told from outside, its events and its end, and no secret', async () => {
		const file = await recording();
		expect(file.outcome).toMatchObject({
			status: 'completed',
			output: { text: 'It is noon.', by: 'yes' },
		});
		expect(file.calls.map(({ port, name }) => `${port} ${name}`).sort()).toEqual([
			'agent models',
			'agent writer',
			'http fetch',
			'model m1',
			'model m1',
			'model m1',
			'person review',
			'thread threads',
			'thread threads',
			'tool clock',
		]);
		expect(file.events.map(({ type }) => type)).toContain('run.completed');
		expect(file.events.map(({ seq }) => seq)).toEqual(file.events.map((_, at) => at + 1));
		expect(JSON.stringify(file)).not.toContain('s3cret');
	});

	it('runs again without anything outside, and does the same byte for byte', async () => {
		const file: unknown = JSON.parse(JSON.stringify(await recording()));
		const report = await replayRecording(file);
		expect(report.replayed).toBe(report.recorded);
		expect(report.same).toBe(true);
		expect(report.tookMs).toBeGreaterThanOrEqual(60_000);
	});

	it('is not the same when another answer leads elsewhere', async () => {
		const file = await recording();
		const tool = file.calls.find(({ port }) => port === 'tool')!;
		tool.response = 'midnight';
		const report = await replayRecording(file);
		expect(report.same).toBe(false);
		expect(report.replayed).toContain('the recording has no answer to');
	});

	it('is not the same when the workflow has changed', async () => {
		const file = await recording();
		const { steps } = file.definition as { steps: Array<{ id: string; task?: string }> };
		steps[0]!.task = 'What day is it?';
		expect((await replayRecording(file)).same).toBe(false);
	});

	it('is refused when nobody asked for it, or when the file is none', async () => {
		const { runtime, store } = await recorded({});
		await expect(runtime.until(exportRecording(store, runtime, 'r1'))).rejects.toThrow(
			'Execution "r1" was not recorded.',
		);
		expect((await store.list('recorded-calls', {})).total).toBe(0);
		await expect(replayRecording({ format: 'x' })).rejects.toThrow('format');
	});

	it('takes its notes along when it is removed', async () => {
		const { runtime, store } = await recorded();
		await runtime.until(store.removeRun('r1'));
		expect((await store.list('recorded-calls', {})).total).toBe(0);
	});
});
