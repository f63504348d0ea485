import type { AINodeConnectionType, IExecuteFunctions, NodeConnectionType } from 'n8n-workflow';
import { isExpression, NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';

import type { AgentTool, ChatModel } from '../../lib';
import { agentTools } from '../shared/agentTools';
import { attachedChatModel, isAttachedModel } from '../shared/chatModel';

/**
 * A reader of what is attached to a node. Making sub-nodes costs milliseconds an item; when none
 * of their parameters is an expression, all items share those of the first.
 */
export class Connections {
	private readonly varies: boolean;
	private readonly shared = new Map<AINodeConnectionType, Promise<unknown>>();

	constructor(private readonly context: IExecuteFunctions) {
		const attached = context.getParentNodes(context.getNode().name, {
			includeNodeParameters: true,
			connectionType: 'ALL_NON_MAIN' as NodeConnectionType,
		});
		this.varies = attached.some(({ parameters }) => holdsExpression(parameters));
	}

	/** The attached Chat Models, the primary first. */
	async models(itemIndex: number): Promise<ChatModel[]> {
		const given = await this.get(NodeConnectionTypes.AiLanguageModel, itemIndex);
		const models = (Array.isArray(given) ? given : [given]).filter(isAttachedModel);
		if (models.length === 0) {
			throw new NodeOperationError(this.context.getNode(), 'A Chat Model must be connected', {
				description: 'Attach a Chat Model below this node, or set Model Source to API Credential',
				itemIndex,
			});
		}
		// n8n hands several inputs of one type over last to first.
		return models.reverse().map(attachedChatModel);
	}

	/** The attached tools, those of toolkits one by one. */
	async tools(itemIndex: number): Promise<AgentTool[]> {
		return agentTools(await this.get(NodeConnectionTypes.AiTool, itemIndex));
	}

	/** What is attached to an input that takes one sub-node; `undefined` when nothing is. */
	async one(type: AINodeConnectionType, itemIndex: number): Promise<unknown> {
		const given = await this.get(type, itemIndex);
		return Array.isArray(given) ? (given[0] as unknown) : given;
	}

	private async get(type: AINodeConnectionType, itemIndex: number): Promise<unknown> {
		const make = async (index: number): Promise<unknown> =>
			await this.context.getInputConnectionData(type, index);
		if (this.varies) return await make(itemIndex);
		const known = this.shared.get(type) ?? make(0);
		this.shared.set(type, known);
		return await known;
	}
}

function holdsExpression(value: unknown): boolean {
	if (typeof value === 'object' && value !== null)
		return Object.values(value).some(holdsExpression);
	return isExpression(value);
}
