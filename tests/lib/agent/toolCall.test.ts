import { describe, expect, it } from '@jest/globals';

import { hashOf } from '../../../lib';
import type { AgentTool } from '../../../lib';
import { decideCall, type ToolSituation } from '../../../lib/agent/toolCall';
import { toolCall } from '../../helpers/scriptedModel';

const tool = (name: string, extra: Partial<AgentTool> = {}): AgentTool => ({
	spec: {
		name,
		description: '',
		parameters: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
	},
	run: async () => 'done',
	...extra,
});

const search = tool('search', { effect: 'read' });
const send = tool('send', { effect: 'write' });
const unknown = tool('unknown');

function situation(extra: Partial<ToolSituation> = {}): ToolSituation {
	return {
		tools: new Map([search, send, unknown].map((one) => [one.spec.name, one])),
		policy: {},
		tainted: false,
		repeats: {},
		maxRepeats: 2,
		callsLeft: 3,
		approved: new Set(),
		...extra,
	};
}

const fingerprint = `search:${hashOf({ q: 'x' })}`;

describe('decideCall', () => {
	it('runs a call whose arguments fit, and counts it', () => {
		const now = situation();
		expect(decideCall(toolCall('search', { q: 'x' }), now)).toEqual({
			kind: 'run',
			tool: search,
			input: { q: 'x' },
		});
		expect(now.repeats).toEqual({ [fingerprint]: 1 });
		expect(now.callsLeft).toBe(2);
	});

	it('tells the model which tools there are when it asks for another', () => {
		const now = situation();
		expect(decideCall(toolCall('fly', { q: 'x' }), now)).toEqual({
			kind: 'refuse',
			arguments: { q: 'x' },
			message: 'There is no tool "fly". The tools are: search, send, unknown.',
		});
		expect(now).toEqual(situation());
	});

	it('treats a tool that is not allowed as if it were not there', () => {
		const allow = { policy: { allow: ['search'] } };
		expect(decideCall(toolCall('send', { q: 'x' }), situation(allow))).toMatchObject({
			kind: 'refuse',
			message: 'There is no tool "send". The tools are: search.',
		});
		expect(decideCall(toolCall('search', { q: 'x' }), situation(allow)).kind).toBe('run');
		expect(
			decideCall(toolCall('send', { q: 'x' }), situation({ policy: { allow: [] } })),
		).toMatchObject({ message: 'There is no tool "send". No tools can be called.' });
	});

	it.each([
		['{oops', '{oops'],
		['[1]', '[1]'],
		['"x"', '"x"'],
	])('refuses the arguments %s', (text, shown) => {
		expect(decideCall(toolCall('search', text), situation())).toEqual({
			kind: 'refuse',
			arguments: shown,
			message: 'The arguments are not a JSON object. Call the tool again with valid JSON.',
		});
	});

	it('takes no arguments at all as an empty object', () => {
		const now = situation();
		now.tools = new Map([
			['ping', { ...tool('ping'), spec: { name: 'ping', description: '', parameters: {} } }],
		]);
		expect(decideCall(toolCall('ping', ' '), now)).toMatchObject({ kind: 'run', input: {} });
	});

	it('says what does not fit the schema', () => {
		expect(decideCall(toolCall('search', { q: 5 }), situation())).toEqual({
			kind: 'refuse',
			arguments: { q: 5 },
			message:
				'The arguments do not fit: q must be a string, received 5. Correct them and call again.',
		});
	});

	it('refuses the same call after its last repeat, in any order of keys', () => {
		const now = situation({ repeats: { [fingerprint]: 2 } });
		expect(decideCall(toolCall('search', '{ "q" : "x" }'), now)).toEqual({
			kind: 'refuse',
			arguments: { q: 'x' },
			message:
				'This call was already made 2 times with the same arguments. Use the results you have.',
		});
		expect(now.callsLeft).toBe(3);
		const before = situation({ repeats: { [fingerprint]: 1 } });
		expect(decideCall(toolCall('search', { q: 'x' }), before).kind).toBe('run');
		expect(before.repeats).toEqual({ [fingerprint]: 2 });
	});

	it('refuses calls beyond the limit of the task', () => {
		expect(decideCall(toolCall('search', { q: 'x' }), situation({ callsLeft: 0 }))).toEqual({
			kind: 'refuse',
			arguments: { q: 'x' },
			message: 'The limit of tool calls is reached. Answer with what you have.',
		});
	});

	it('asks a person for tools that the user marked', () => {
		const now = situation({ policy: { needApproval: ['search'] } });
		expect(decideCall(toolCall('search', { q: 'x' }), now)).toEqual({
			kind: 'approve',
			tool: search,
			input: { q: 'x' },
			reason: 'Each call of "search" needs a person\'s approval.',
		});
		expect(now.callsLeft).toBe(3);
		expect(decideCall(toolCall('send', { q: 'x' }), now).kind).toBe('run');
	});

	it.each(['send', 'unknown'])(
		'asks a person for %s, which may write, once outside text came in',
		(name) => {
			const call = toolCall(name, { q: 'x' });
			expect(decideCall(call, situation({ tainted: true }))).toMatchObject({
				kind: 'approve',
				reason: `"${name}" changes something outside, and the conversation contains text from outside.`,
			});
			expect(decideCall(call, situation()).kind).toBe('run');
			const approve = { tainted: true, policy: { afterUntrusted: 'approve' as const } };
			expect(decideCall(call, situation(approve)).kind).toBe('approve');
			const allow = { tainted: true, policy: { afterUntrusted: 'allow' as const } };
			expect(decideCall(call, situation(allow)).kind).toBe('run');
		},
	);

	it('lets tools that only read run after outside text came in', () => {
		const now = situation({ tainted: true });
		expect(decideCall(toolCall('search', { q: 'x' }), now).kind).toBe('run');
	});

	it('runs what a person has approved, by the id of the call', () => {
		const call = toolCall('send', { q: 'x' }, 'c7');
		const approved = { tainted: true, policy: { needApproval: ['send'] } };
		expect(decideCall(call, situation({ ...approved, approved: new Set(['c7']) })).kind).toBe(
			'run',
		);
		expect(decideCall(call, situation({ ...approved, approved: new Set(['c8']) })).kind).toBe(
			'approve',
		);
	});
});
