import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { modelSession } from '../../lib';
import type { ModelSession } from '../../lib';
import { attachedChatModel, isAttachedModel } from '../shared/chatModel';
import { endpoints } from '../shared/endpoints';
import { n8nRuntime } from '../shared/runtime';

/** How often a model that fails for a reason that may pass is asked. */
const MAX_ATTEMPTS = 2;

/** The way to the attached Chat Model for one search; undefined when none is attached. */
export async function openModel(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<ModelSession | undefined> {
	// As a tool of an agent the node has no inputs.
	if (context.getNode().type.endsWith('Tool')) return undefined;
	const given: unknown = await context.getInputConnectionData(
		NodeConnectionTypes.AiLanguageModel,
		itemIndex,
	);
	const model = [given].flat().find(isAttachedModel);
	if (model === undefined) return undefined;
	return modelSession({
		models: [attachedChatModel(model)],
		runtime: n8nRuntime,
		retry: { maxAttempts: MAX_ATTEMPTS },
		endpoints,
	});
}
