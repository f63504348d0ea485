import type { AgentTool } from '../agent';

/** Name of the tool with which an agent hands its task over. */
const TOOL = 'hand_off';

/** The choice of an agent to let another one go on with its task. */
export class HandOff {
	/** Who goes on, and what the agent tells them. */
	chosen: { agent: string; message: string } | undefined;

	/** @param targets - the agents to choose from; with none there is no choice */
	constructor(private readonly targets: ReadonlyArray<{ name: string; description?: string }>) {}

	/** The tool that makes the choice. */
	get tools(): AgentTool[] {
		if (this.targets.length === 0) return [];
		const names = this.targets.map(({ name }) => name);
		const who = this.targets.map(
			({ name, description = 'no description' }) => `${name}: ${description}`,
		);
		const tool: AgentTool = {
			spec: {
				name: TOOL,
				description: `Hands the task over to an agent that fits it better. After this, answer with one short sentence. Agents: ${who.join('; ')}`,
				parameters: {
					type: 'object',
					properties: {
						agent: { type: 'string', enum: names, description: 'Who shall go on' },
						message: { type: 'string', description: 'What that agent has to know' },
					},
					required: ['agent', 'message'],
					additionalProperties: false,
				},
			},
			// Only notes a choice.
			effect: 'read',
			bringsUntrusted: false,
			run: async (input) => {
				// The tool's schema says that both are texts.
				const { agent, message } = input as { agent: string; message: string };
				this.chosen = { agent, message };
				return await Promise.resolve(`Handed over to ${agent}.`);
			},
		};
		return [tool];
	}
}
