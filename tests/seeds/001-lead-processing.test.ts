import { VirtualRuntime, WorkflowManager, type AgentCall } from '../../lib';

/** The document's request bodies, unchanged. */
const CREATE = `{
    "name": "Lead Processing",
    "description": "Process and qualify new leads",
    "steps": [
      {
        "step_id": "qualify_lead",
        "name": "Qualify Lead",
        "step_type": "agent_task",
        "agent_type": "sales",
        "task": "qualify_lead",
        "parameters": {"priority": "high"}
      },
      {
        "step_id": "enrich_lead",
        "name": "Enrich Lead Data",
        "step_type": "agent_task",
        "agent_type": "research",
        "task": "enrich_lead",
        "depends_on": ["qualify_lead"]
      }
    ]
  }`;

const EXECUTE = `{
    "input_data": {
      "lead": {
        "name": "Acme Corp",
        "email": "contact@acmecorp.com",
        "website": "https://acmecorp.com",
        "budget": 50000,
        "timeframe": "Q3 2023",
        "requirements": "AI solution for customer support"
      }
    },
    "async_execution": false
  }`;

describe('document 001', () => {
	it('lead processing: created from its JSON, executed with its input, in order of dependency', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const manager = new WorkflowManager({ runtime });
		const calls: AgentCall[] = [];
		manager.agents.register({ name: 'sales', run: (call) => (calls.push(call), { score: 87 }) });
		manager.agents.register({
			name: 'research',
			run: (call) => (calls.push(call), { lead: call.input, staff: 12 }),
		});

		const { id } = await manager.workflows.create(JSON.parse(CREATE));
		const { input_data: input } = JSON.parse(EXECUTE) as { input_data: object };
		const result = await runtime.until(manager.run(id, { input }));

		expect(result).toMatchObject({
			status: 'completed',
			output: { lead: { score: 87 }, staff: 12 },
		});
		expect(calls).toMatchObject([
			{ agent: 'sales', task: 'qualify_lead', parameters: { priority: 'high' }, input },
			{ agent: 'research', task: 'enrich_lead', input: { score: 87 } },
		]);
	});

	it('executes asynchronously, and lists workflows and executions', async () => {
		const runtime = new VirtualRuntime({ drainRounds: 500 });
		const manager = new WorkflowManager({ runtime });
		for (const name of ['sales', 'research']) {
			manager.agents.register({ name, run: async ({ runtime: clock }) => await clock.sleep(1000) });
		}
		const { id } = await manager.workflows.create(JSON.parse(CREATE));
		const { runId } = await manager.start(id);
		await runtime.advance(500);
		expect(await manager.status(runId)).toMatchObject({ status: 'running' });
		expect(await manager.workflows.list()).toMatchObject({
			total: 1,
			workflows: [{ name: 'Lead Processing' }],
		});
		await runtime.until(manager.wait(runId));
		expect((await manager.list({ workflowId: id })).executions).toMatchObject([
			{ runId, status: 'completed' },
		]);
		expect(manager.agents.health()).toMatchObject([{ completed: 1 }, { completed: 1 }]);
	});
});
