import type { IExecuteFunctions } from 'n8n-workflow';
import type { z } from 'zod';

import { EngineError, messageOf, modelSession, runAgentTask } from '../../../lib';
import type { AgentTaskEnd, Json } from '../../../lib';
import { Connections } from '../../AgentTask/connections';
import { modelSource } from '../../AgentTask/modelSource';
import type { ModelSource } from '../../AgentTask/modelSource';
import { endpoints } from '../../shared/endpoints';
import { nodeLogger } from '../../shared/logger';
import { parameterReader } from '../../shared/parameters';
import { n8nRuntime } from '../../shared/runtime';
import { modelSchema, promptListSchema, promptSchema } from '../parameters';
import type { Settings } from '../parameters';
import { properties } from '../properties';
import type { TaskCall, Work } from '../task';

const DEFAULT_ATTEMPTS = 3;

/** What one agent is asked. */
type Prompt = z.infer<typeof promptSchema> & { name?: string };

/** What all prompts of the node share. */
interface Agents {
	context: IExecuteFunctions;
	connections: Connections;
	source: ModelSource;
	options: Settings['options'];
}

/** Each task is a prompt to a chat model, with the attached tools, inside this node. */
export async function agentPromptWork(
	context: IExecuteFunctions,
	{ tasksFrom, options }: Settings,
): Promise<Work> {
	const connections = new Connections(context);
	const source = await modelSource(context, connections);
	const agents: Agents = { context, connections, source, options };
	const readModel = parameterReader(context, modelSchema, properties);
	const readPrompts = promptReader(context, tasksFrom);
	return {
		defaultAttempts: DEFAULT_ATTEMPTS,
		retriesItself: true,
		redact: source.redact,
		tasksOf: ([itemIndex = 0]) => {
			const { model } = readModel(itemIndex);
			return readPrompts(itemIndex).map((prompt) => ({
				name: prompt.name,
				input: { model, prompt, attached: connections.attached },
				run: async (call) => await runPrompt(agents, prompt, model, itemIndex, call),
			}));
		},
	};
}

function promptReader(
	context: IExecuteFunctions,
	tasksFrom: Settings['tasksFrom'],
): (itemIndex: number) => Prompt[] {
	if (tasksFrom === 'items') {
		const read = parameterReader(context, promptSchema, properties);
		return (itemIndex) => [read(itemIndex)];
	}
	const read = parameterReader(context, promptListSchema, properties);
	return (itemIndex) => read(itemIndex).taskList.tasks;
}

async function runPrompt(
	{ context, connections, source, options }: Agents,
	{ instructions, task }: Prompt,
	model: z.infer<typeof modelSchema>['model'],
	itemIndex: number,
	{ signal, report }: TaskCall,
): Promise<Json> {
	const logger = nodeLogger(context);
	const session = modelSession({
		models: await source.models({ model, fallbackModels: '' }, itemIndex),
		runtime: n8nRuntime,
		retry: {
			maxAttempts: options.maxAttempts ?? DEFAULT_ATTEMPTS,
			initialDelayMs: options.initialDelaySeconds * 1000,
		},
		endpoints,
		onFailure: ({ model: name, error, next }) =>
			logger.log('warn', 'A model call failed', {
				model: name,
				next,
				message: source.redact.text(messageOf(error)),
			}),
	});
	const end = await runAgentTask(
		{
			instructions,
			task,
			tools: await connections.tools(itemIndex, []),
			policy: { onApproval: 'refuse' },
		},
		{ session, runtime: n8nRuntime, signal },
	);
	report({ usage: end.usage, attempts: end.attempts });
	return outputOf(end);
}

function outputOf(end: AgentTaskEnd): Json {
	if (end.status === 'completed') return end.output;
	if (end.status === 'failed') throw end.error;
	throw new EngineError('NEEDS_APPROVAL', 'The agent needs a person to approve a tool call.', {
		errorClass: 'guardrail',
		hint: 'Use Agent Task in a sub-workflow for tools that people have to approve',
	});
}
