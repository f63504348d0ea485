import type { IExecuteFunctions } from 'n8n-workflow';
import type { z } from 'zod';

import { EngineError, errorClassOf, messageOf, modelSession, runAgentTask } from '../../../lib';
import type { AgentTask, AgentTaskEnd, Json, Redactor } from '../../../lib';
import { Connections } from '../../AgentTask/connections';
import { modelSource } from '../../AgentTask/modelSource';
import { endpoints } from '../../shared/endpoints';
import { nodeLogger } from '../../shared/logger';
import { n8nRuntime } from '../../shared/runtime';
import type { modelSchema, Settings } from '../parameters';
import type { TaskCall } from '../task';

/** Attempts of a model call unless the user says otherwise. */
export const PROMPT_ATTEMPTS = 3;

/** What one agent is asked. */
export type Prompt = Pick<AgentTask, 'instructions' | 'task' | 'data' | 'output'>;

/** The agents of one node: its model, and the tools that are attached. */
export interface Prompter {
	readonly redact: Redactor;
	/** What is attached, as it is stored; part of what a result depends on. */
	readonly attached: Connections['attached'];
	/** Asks one agent. @throws what keeps it from answering */
	ask(prompt: Prompt, model: ModelChoice, itemIndex: number, call: TaskCall): Promise<Json>;
}

/** The model by name, when it is not an attached one. */
export type ModelChoice = z.infer<typeof modelSchema>['model'];

/** Opens the model and the tools of a node. */
export async function openPrompter(
	context: IExecuteFunctions,
	options: Settings['options'],
): Promise<Prompter> {
	const connections = new Connections(context);
	const source = await modelSource(context, connections);
	const logger = nodeLogger(context);
	return {
		redact: source.redact,
		attached: connections.attached,
		ask: async (prompt, model, itemIndex, { signal, report, slowDown }) => {
			const session = modelSession({
				models: await source.models({ model, fallbackModels: '' }, itemIndex),
				runtime: n8nRuntime,
				retry: {
					maxAttempts: options.maxAttempts ?? PROMPT_ATTEMPTS,
					initialDelayMs: options.initialDelaySeconds * 1000,
				},
				endpoints,
				onFailure: ({ model: name, error, next }) => {
					if (errorClassOf(error) === 'rate_limit') slowDown?.();
					logger.log('warn', 'A model call failed', {
						model: name,
						next,
						message: source.redact.text(messageOf(error)),
					});
				},
			});
			const end = await runAgentTask(
				{
					...prompt,
					tools: await connections.tools(itemIndex, []),
					policy: { onApproval: 'refuse' },
				},
				{ session, runtime: n8nRuntime, signal },
			);
			report({ usage: end.usage, attempts: end.attempts });
			return outputOf(end);
		},
	};
}

function outputOf(end: AgentTaskEnd): Json {
	if (end.status === 'completed') return end.output;
	if (end.status === 'failed') throw end.error;
	throw new EngineError('NEEDS_APPROVAL', 'The agent needs a person to approve a tool call.', {
		errorClass: 'guardrail',
		hint: 'Use Agent Task in a sub-workflow for tools that people have to approve',
	});
}
