import type {
	AINodeConnectionType,
	IDataObject,
	IExecuteFunctions,
	NodeConnectionType,
} from 'n8n-workflow';
import { isExpression, NodeConnectionTypes } from 'n8n-workflow';

import type { AgentTool, ConversationMemory, KnowledgeBase } from '../../lib';
import { ValidationError } from '../../lib';
import { agentTools } from '../shared/agentTools';
import { type AttachedModel, isAttachedModel } from '../shared/chatModel';
import { attachedMemory } from '../shared/chatMemory';
import { attachedKnowledge } from '../shared/knowledge';
import { toolEffects, type ToolOrigin } from './toolEffects';

/**
 * A reader of what is attached to a node. Making sub-nodes costs milliseconds an item; when none
 * of their parameters is an expression, all items share those of the first.
 */
export class Connections {
	/** Everything that is attached, directly or further down, as it is stored. */
	readonly attached: ReadonlyArray<ToolOrigin & { name: string }>;

	private readonly varies: boolean;
	private readonly shared = new Map<AINodeConnectionType, Promise<unknown>>();

	constructor(private readonly context: IExecuteFunctions) {
		const nodes = context.getParentNodes(context.getNode().name, {
			includeNodeParameters: true,
			connectionType: 'ALL_NON_MAIN' as NodeConnectionType,
		});
		this.attached = nodes
			.filter(({ disabled }) => !disabled)
			.map(({ name, type, parameters = {} }) => ({
				name,
				type,
				parameters: parameters as IDataObject,
			}));
		this.varies = this.attached.some(({ parameters }) => holdsExpression(parameters));
	}

	/** The attached Chat Models, the primary first. */
	async models(itemIndex: number): Promise<AttachedModel[]> {
		const given = await this.get(NodeConnectionTypes.AiLanguageModel, itemIndex);
		const models = (Array.isArray(given) ? given : [given]).filter(isAttachedModel);
		if (models.length === 0) {
			throw new ValidationError('A Chat Model must be connected.', {
				hint: 'Attach a Chat Model below this node, or set Model Source to API Credential.',
			});
		}
		// n8n hands several inputs of one type over last to first.
		return models.reverse();
	}

	/**
	 * The attached tools, those of toolkits one by one.
	 *
	 * @param readOnly - names of tools of which the user says that they only read
	 */
	async tools(itemIndex: number, readOnly: readonly string[]): Promise<AgentTool[]> {
		const origins = new Map(this.attached.map((origin) => [origin.name, origin]));
		return agentTools(await this.get(NodeConnectionTypes.AiTool, itemIndex), (name, subNode) => ({
			...toolEffects(origins.get(subNode)),
			...(readOnly.includes(name) ? { effect: 'read' } : {}),
		}));
	}

	/** The attached memory, if there is one. */
	async memory(itemIndex: number): Promise<ConversationMemory | undefined> {
		return attachedMemory(await this.get(NodeConnectionTypes.AiMemory, itemIndex));
	}

	/** The attached output parser, if there is one. */
	async outputParser(itemIndex: number): Promise<unknown> {
		return await this.get(NodeConnectionTypes.AiOutputParser, itemIndex);
	}

	/** The attached knowledge. @throws {ValidationError} when there is none */
	async knowledge(
		type: 'ai_vectorStore' | 'ai_retriever',
		itemIndex: number,
	): Promise<KnowledgeBase> {
		return attachedKnowledge(await this.get(type, itemIndex));
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
	if (typeof value === 'object' && value !== null) {
		return Object.values(value).some(holdsExpression);
	}
	return isExpression(value);
}
