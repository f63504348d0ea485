import { z } from 'zod';

import type { JsonObject } from '../../core';
import type { StepKind, KindContext } from '../stepKind';

/** What an agent step asks of whoever runs agents. */
export interface AgentCall
	extends Pick<KindContext, 'input' | 'task' | 'attempt' | 'runtime' | 'waitFor'> {
	/** Name of the agent; `undefined` leaves the choice to the host. */
	agent: string | undefined;
	parameters: JsonObject;
	/** Conversation to go on with: the step's own, else one for this step of this run. */
	threadId: string;
	/** Id of the step. */
	stepId: string;
}

/** Runs agents: a registry of functions, a chat model with tools, a node of n8n. */
export type AgentRunner = (call: AgentCall) => unknown;

/** Gives a task to an agent; what the agent returns is the output. */
export function agentKind(run: AgentRunner): StepKind {
	return {
		kind: 'agent',
		parameters: z.custom<JsonObject>(),
		execute: ({ step, parameters, input, task, attempt, runtime, waitFor }) =>
			run({
				agent: step.agent,
				stepId: step.id,
				threadId: step.threadId ?? `${attempt.runId}/${step.id}`,
				parameters,
				input,
				task,
				attempt,
				runtime,
				waitFor,
			}),
	};
}
