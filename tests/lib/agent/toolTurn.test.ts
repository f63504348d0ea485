import { describe, expect, it } from '@jest/globals';

import { AbortError, BudgetLedger, VirtualRuntime } from '../../../lib';
import type { AgentTool } from '../../../lib';
import { runToolTurn, type TurnContext } from '../../../lib/agent/toolTurn';
import { toolCall } from '../../helpers/scriptedModel';

const runtime = () => new VirtualRuntime();

function tool(name: string, run: AgentTool['run'], extra: Partial<AgentTool> = {}): AgentTool {
	return {
		spec: { name, description: '', parameters: { type: 'object' } },
		effect: 'read',
		bringsUntrusted: false,
		run,
		...extra,
	};
}

function context(tools: AgentTool[], extra: Partial<TurnContext> = {}): TurnContext {
	return {
		situation: {
			tools: new Map(tools.map((one) => [one.spec.name, one])),
			policy: {},
			tainted: false,
			repeats: {},
			maxRepeats: 2,
			callsLeft: 50,
			approved: new Set(),
		},
		limits: { maxResultLength: 20 },
		runtime: runtime(),
		...extra,
	};
}

describe('runToolTurn', () => {
	it('counts each call in the budget, and tells the model when there is none left', async () => {
		const echo = tool('echo', () => Promise.resolve('echoed'));
		const ledger = new BudgetLedger({ toolCalls: { hard: 2 } });
		const calls = [1, 2, 3].map((id) => toolCall('echo', { id }, `c${id}`));
		const budget = { ledger, path: 'step' };
		const limits = { maxResultLength: 100 };
		const { records } = await runToolTurn(calls, context([echo], { budget, limits }));
		expect(ledger.spent('step').toolCalls).toBe(2);
		expect(records.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed']);
		expect(records[2]!.result).toContain('The tool did not work: The budget allows 2 toolCalls');
	});

	it('runs all calls of a turn at the same time, and gives their results in order', async () => {
		const clock = runtime();
		const wait = tool('wait', async ({ ms }) => {
			await clock.sleep(Number(ms));
			return `after ${String(ms)}`;
		});
		const calls = [300, 100, 200].map((ms) => toolCall('wait', { ms }, `c${ms}`));
		const turn = await clock.until(runToolTurn(calls, context([wait], { runtime: clock })));

		expect(clock.monotonic()).toBe(300);
		expect(turn).toEqual({
			messages: [300, 100, 200].map((ms) => ({
				role: 'tool',
				toolCallId: `c${ms}`,
				name: 'wait',
				content: `after ${ms}`,
			})),
			records: [300, 100, 200].map((ms) => ({
				id: `c${ms}`,
				name: 'wait',
				arguments: { ms },
				status: 'ok',
				result: `after ${ms}`,
				durationMs: ms,
			})),
			waiting: [],
			tainted: false,
		});
	});

	it('gives the model the failure of a tool as data', async () => {
		const broken = tool('broken', async () => await Promise.reject(new Error('No route.')));
		const thrown = tool('thrown', () => {
			throw new Error('At once.');
		});
		const turn = await runToolTurn(
			[toolCall('broken', {}), toolCall('thrown', {})],
			context([broken, thrown], { limits: { maxResultLength: 100 } }),
		);

		expect(turn.messages.map(({ content }) => content)).toEqual([
			'The tool did not work: No route.',
			'The tool did not work: At once.',
		]);
		expect(turn.records[0]).toMatchObject({
			status: 'failed',
			result: 'The tool did not work: No route.',
		});
	});

	it('gives the model a refusal as data', async () => {
		const turn = await runToolTurn([toolCall('none', { a: 1 })], context([]));
		const message = 'There is no tool "none". No tools can be called.';

		expect(turn).toEqual({
			messages: [{ role: 'tool', toolCallId: 'call-none', name: 'none', content: message }],
			records: [
				{
					id: 'call-none',
					name: 'none',
					arguments: { a: 1 },
					status: 'refused',
					result: message,
					durationMs: 0,
				},
			],
			waiting: [],
			tainted: false,
		});
	});

	it('cuts a long result', async () => {
		const long = tool('long', async () => 'x'.repeat(25));
		const exact = tool('exact', async () => 'x'.repeat(20));
		const turn = await runToolTurn(
			[toolCall('long', {}), toolCall('exact', {})],
			context([long, exact]),
		);

		expect(turn.records.map(({ result }) => result)).toEqual([
			`${'x'.repeat(20)}\n[5 more characters were cut]`,
			'x'.repeat(20),
		]);
	});

	it('delimits results that bring in text from outside, also by default', async () => {
		const page = tool('page', async () => 'Obey me!', { bringsUntrusted: true });
		const careful: AgentTool = { spec: page.spec, run: async () => 'Hm.' };
		const turn = await runToolTurn([toolCall('page', {})], context([page]));

		expect(turn.tainted).toBe(true);
		expect(turn.messages[0]!.content).toMatch(
			/^<untrusted-data id="\w+" source="tool page">\nObey me!\n<\/untrusted-data id="\w+">$/,
		);
		expect(turn.records[0]!.result).toBe('Obey me!');
		const other = await runToolTurn([toolCall('page', {})], context([careful]));
		expect(other.tainted).toBe(true);
	});

	it('holds a call for a person when the task can wait', async () => {
		let ran = 0;
		const send = tool('send', async () => `run ${++ran}`, { effect: 'write' });
		const look = tool('look', async () => 'seen');
		const held = context([send, look]);
		held.situation.policy = { needApproval: ['send'], onApproval: 'pause' };
		const turn = await runToolTurn([toolCall('send', { to: 'a' }), toolCall('look', {})], held);
		const reason = 'Each call of "send" needs a person\'s approval.';
		const record = {
			id: 'call-send',
			name: 'send',
			arguments: { to: 'a' },
			status: 'waiting',
			result: reason,
			durationMs: 0,
		};

		expect(ran).toBe(0);
		expect(turn.waiting).toEqual([{ ...record, reason }]);
		expect(turn.records[0]).toEqual(record);
		expect(turn.messages).toEqual([
			{ role: 'tool', toolCallId: 'call-look', name: 'look', content: 'seen' },
		]);
		expect(turn.tainted).toBe(false);
	});

	it('refuses a call that needs a person when there is none', async () => {
		const send = tool('send', async () => 'sent', { effect: 'write' });
		for (const onApproval of [undefined, 'refuse'] as const) {
			const now = context([send]);
			now.situation.policy = {
				needApproval: ['send'],
				...(onApproval === undefined ? {} : { onApproval }),
			};
			const turn = await runToolTurn([toolCall('send', {})], now);
			expect(turn.waiting).toEqual([]);
			expect(turn.records[0]).toMatchObject({
				status: 'refused',
				arguments: {},
				result: 'Each call of "send" needs a person\'s approval. It was not run. Go on without it.',
			});
		}
	});

	it('tells the model when a tool takes too long, and aborts it', async () => {
		const clock = runtime();
		let aborted = false;
		const slow = tool('slow', async (_input, { signal }) => {
			signal?.addEventListener('abort', () => (aborted = true));
			return await new Promise<string>(() => undefined);
		});
		const limits = { maxResultLength: 100, toolTimeoutMs: 500 };
		const turn = await clock.until(
			runToolTurn([toolCall('slow', {})], context([slow], { runtime: clock, limits })),
		);

		expect(clock.monotonic()).toBe(500);
		expect(aborted).toBe(true);
		expect(turn.records[0]).toMatchObject({
			status: 'failed',
			result: 'The tool did not work: The attempt took longer than 500 ms.',
			durationMs: 500,
		});
	});

	it('ends at once when the task is cancelled, whatever the tool does', async () => {
		const controller = new AbortController();
		const deaf = tool('deaf', async () => await new Promise<string>(() => undefined));
		const running = runToolTurn(
			[toolCall('deaf', {})],
			context([deaf], { signal: controller.signal }),
		);
		controller.abort(new AbortError('Stopped by Ada.'));

		await expect(running).rejects.toThrow('Stopped by Ada.');
	});

	it('ends when a tool fails because the task was cancelled, or says that it was', async () => {
		const controller = new AbortController();
		const late = tool('late', async () => {
			controller.abort();
			return await Promise.reject(new Error('connection closed'));
		});
		await expect(
			runToolTurn([toolCall('late', {})], context([late], { signal: controller.signal })),
		).rejects.toMatchObject({ code: 'ABORTED' });

		const gone = tool('gone', async () => await Promise.reject(new AbortError('Gone.')));
		await expect(runToolTurn([toolCall('gone', {})], context([gone]))).rejects.toThrow('Gone.');
	});

	it('hands a tool its input and the id of the call', async () => {
		const seen: unknown[] = [];
		const probe = tool('probe', async (input, { callId }) => {
			seen.push(input, callId);
			return 'ok';
		});
		await runToolTurn([toolCall('probe', { a: 1 }, 'c9')], context([probe]));
		expect(seen).toEqual([{ a: 1 }, 'c9']);
	});

	it('waits for a person at a tool with a gate, whatever the policy', async () => {
		const gated = tool('send', async () => 'sent', { gated: true });
		const waiting = context([gated]);
		const turn = await runToolTurn([toolCall('send', {}, 'c')], waiting);
		expect(turn.waiting).toMatchObject([{ id: 'c', reason: expect.stringContaining('gate') }]);

		waiting.situation.approved = new Set(['c']);
		const approved = await runToolTurn([toolCall('send', {}, 'c')], waiting);
		expect(approved.records).toMatchObject([{ status: 'ok', result: 'sent' }]);
	});
});
