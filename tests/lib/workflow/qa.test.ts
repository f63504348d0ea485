import {
	agentKinds,
	builtInKinds,
	compileWorkflow,
	parseDefinition,
	startGraph,
	stepKinds,
	VirtualRuntime,
	type AgentCall,
	type Json,
} from '../../../lib';

const publish = { id: 'publish', kind: 'transform', parameters: { value: 'published' } };

/** Runs steps with a writer and a judge; the judge gives the verdicts one after the other. */
async function outcome(steps: object[], verdicts: unknown[] = []) {
	const runtime = new VirtualRuntime({ drainRounds: 2000 });
	const calls: AgentCall[] = [];
	const kinds = stepKinds(
		...builtInKinds,
		...agentKinds((call) => {
			calls.push(call);
			if (call.agent === 'writer') return `draft ${calls.length}`;
			return verdicts.shift();
		}),
	);
	const definition = parseDefinition({
		name: 'w',
		missing: 'empty',
		start: 'draft',
		steps,
	});
	const { graph, outputOf } = compileWorkflow(definition, { kinds, runtime });
	const result = await runtime.until(startGraph(graph, { runtime }).result);
	return { ...result, calls, output: outputOf(result.outputs) };
}

const draft = {
	id: 'draft',
	agent: 'writer',
	task: 'Write. Mind: {{ steps.check.output.findings }}',
	next: 'check',
};
const check = (parameters: object) => ({
	id: 'check',
	kind: 'qa',
	input: '{{ steps.draft.output }}',
	parameters: { then: 'publish', ...parameters },
});

describe('a check of the quality', () => {
	it('goes on when an agent gives a score that is high enough', async () => {
		const judge = { model: 'small' };
		const steps = [draft, check({ criteria: 'It is short.', judge }), publish];
		const { status, outputs, calls } = await outcome(steps, [{ score: 0.8, findings: [] }]);
		expect(status).toBe('completed');
		expect(outputs.check).toEqual({ passed: true, score: 0.8, findings: [] });
		expect(outputs.publish).toBe('published');
		expect(calls[1]).toMatchObject({
			input: 'draft 1',
			task: 'Judge the data by these criteria:\nIt is short.\nName every finding.',
			parameters: { model: 'small', schema: { required: ['score', 'findings'] } },
		});
		expect(calls[1]!.threadId).toMatch(/\/check$/);
	});

	it('leads back with its findings until it passes', async () => {
		const steps = [draft, check({ criteria: 'It is short.', to: 'draft' }), publish];
		const { outputs, calls } = await outcome(steps, [
			{ score: 0.2, findings: ['Too long.'] },
			{ score: 1, findings: [] },
		]);
		expect(outputs).toMatchObject({ draft: 'draft 3', publish: 'published' });
		expect(calls.map(({ agent, task }) => (agent === 'writer' ? task : 'judged'))).toEqual([
			'Write. Mind: ',
			'judged',
			'Write. Mind: ["Too long."]',
			'judged',
		]);
	});

	it('halts the flow when it leads nowhere, or is told to', async () => {
		const bad = { score: 0, findings: ['Wrong.', 'Rude.'] };
		for (const parameters of [
			{ criteria: 'It is right.' },
			{ criteria: 'It is right.', to: 'draft', onFailure: 'halt' },
		]) {
			const { status, error, outputs } = await outcome([draft, check(parameters), publish], [bad]);
			expect(status).toBe('failed');
			expect(error).toMatchObject({
				code: 'HALTED',
				message: 'Step "check" failed: The check "check" did not pass: Wrong. Rude.',
				details: { score: 0, findings: ['Wrong.', 'Rude.'] },
			});
			expect(outputs.publish).toBeUndefined();
		}
	});

	it('says the score when there is no finding', async () => {
		const lonely = { ...check({ criteria: 'It is right.', threshold: 1, then: [] }) };
		const { error } = await outcome([draft, lonely], [{ score: 0.9, findings: [] }]);
		expect(error?.message).toContain('did not pass: a score of 0.9');
	});

	it('needs no agent for a predicate', async () => {
		const source = {
			id: 'draft',
			kind: 'transform',
			parameters: { value: 'short' },
			next: 'check',
		};
		const holds = async (value: Json) =>
			await outcome([source, check({ check: { path: 'result', op: 'eq', value } }), publish]);
		expect((await holds('short')).outputs).toMatchObject({
			check: { passed: true, score: 1 },
			publish: 'published',
		});
		expect((await holds('long')).error?.message).toContain('The check does not hold.');
	});

	it('fails when the judge gives no verdict', async () => {
		const steps = [
			draft,
			{ ...check({ criteria: 'x' }), task: 'Judge.', threadId: 't', agent: 'judge' },
			publish,
		];
		const { error, calls } = await outcome(steps, ['fine']);
		expect(error).toMatchObject({ code: 'BAD_VERDICT', errorClass: 'bad_output' });
		expect(calls.at(-1)).toMatchObject({ task: 'Judge.', threadId: 't', agent: 'judge' });
	});
});
