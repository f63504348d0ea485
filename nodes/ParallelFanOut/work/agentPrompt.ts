import type { IExecuteFunctions } from 'n8n-workflow';
import type { z } from 'zod';

import { parameterReader } from '../../shared/parameters';
import { modelSchema, promptListSchema, promptSchema } from '../parameters';
import type { Settings } from '../parameters';
import { properties } from '../properties';
import type { Work } from '../task';
import { openPrompter, PROMPT_ATTEMPTS } from './prompt';

/** What one agent is asked, with its name in a list. */
type NamedPrompt = z.infer<typeof promptSchema> & { name?: string };

/** Each task is a prompt to a chat model, with the attached tools, inside this node. */
export async function agentPromptWork(
	context: IExecuteFunctions,
	{ tasksFrom, options }: Settings,
): Promise<Work> {
	const prompter = await openPrompter(context, options);
	const { attached, redact } = prompter;
	const readModel = parameterReader(context, modelSchema, properties);
	const readPrompts = promptReader(context, tasksFrom);
	return {
		defaultAttempts: PROMPT_ATTEMPTS,
		retriesItself: true,
		redact,
		tasksOf: ([itemIndex = 0]) => {
			const { model } = readModel(itemIndex);
			return readPrompts(itemIndex).map((prompt) => {
				const { name, instructions, task } = prompt;
				return {
					name,
					input: { model, prompt, attached },
					run: async (call) => await prompter.ask({ instructions, task }, model, itemIndex, call),
				};
			});
		},
	};
}

function promptReader(
	context: IExecuteFunctions,
	tasksFrom: Settings['tasksFrom'],
): (itemIndex: number) => NamedPrompt[] {
	if (tasksFrom === 'items') {
		const read = parameterReader(context, promptSchema, properties);
		return (itemIndex) => [read(itemIndex)];
	}
	const read = parameterReader(context, promptListSchema, properties);
	return (itemIndex) => read(itemIndex).taskList.tasks;
}
