import type {
	AINodeConnectionType,
	IDataObject,
	IExecuteFunctions,
	NodeConnectionType,
} from 'n8n-workflow';
import { isExpression, NodeConnectionTypes } from 'n8n-workflow';

import type { ConversationMemory, KnowledgeBase } from '../../lib';
import { hashOf, ValidationError } from '../../lib';
import { agentTools, type AttachedAgentTool } from '../shared/agentTools';
import { type AttachedModel, isAttachedModel } from '../shared/chatModel';
import { attachedMemory } from '../shared/chatMemory';
import { attachedKnowledge } from '../shared/knowledge';
import { toolEffects, type ToolOrigin } from './toolEffects';

/**
 * A reader of what is attached to a node. Making sub-nodes costs milliseconds an item; those that
 * have no expression in their parameters are made once for all items.
 */
export class Connections {
	/** Everything that is attached, directly or further down, as it is stored. */
	readonly attached: ReadonlyArray<ToolOrigin & { name: string }>;

	/** Stands for all of it, where a result depends on it. */
	readonly digest: string;

	private readonly nodeName: string;
	private readonly varying = new Map<AINodeConnectionType, boolean>();
	private readonly shared = new Map<AINodeConnectionType, Promise<unknown>>();
	private readonly sharedTools = new Map<string, Promise<AttachedAgentTool[]>>();

	constructor(private readonly context: IExecuteFunctions) {
		this.nodeName = context.getNode().name;
		this.attached = this.below(this.nodeName);
		this.digest = hashOf(this.attached);
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
	async tools(itemIndex: number, readOnly: readonly string[]): Promise<AttachedAgentTool[]> {
		const { AiTool } = NodeConnectionTypes;
		if (this.varies(AiTool)) return await this.makeTools(itemIndex, readOnly);
		return await once(this.sharedTools, readOnly.join(), async () => {
			return await this.makeTools(0, readOnly);
		});
	}

	private async makeTools(
		itemIndex: number,
		readOnly: readonly string[],
	): Promise<AttachedAgentTool[]> {
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

	/** The attached Embeddings, if there are any. */
	async embeddings(itemIndex: number): Promise<unknown> {
		return await this.get(NodeConnectionTypes.AiEmbedding, itemIndex);
	}

	private async get(type: AINodeConnectionType, itemIndex: number): Promise<unknown> {
		const make = async (index: number): Promise<unknown> =>
			await this.context.getInputConnectionData(type, index);
		if (this.varies(type)) return await make(itemIndex);
		return await once(this.shared, type, async () => await make(0));
	}

	/** Whether what is attached to one kind of input has expressions, which may differ by item. */
	private varies(type: AINodeConnectionType): boolean {
		const known = this.varying.get(type);
		if (known !== undefined) return known;
		const direct = this.context.getParentNodes(this.nodeName, { connectionType: type, depth: 1 });
		const names = new Set(
			direct.flatMap(({ name }) => [name, ...this.below(name).map((node) => node.name)]),
		);
		const varies = this.attached.some(
			({ name, parameters }) => names.has(name) && holdsExpression(parameters),
		);
		this.varying.set(type, varies);
		return varies;
	}

	/** The sub-nodes of a node, directly or further down, that are switched on. */
	private below(nodeName: string): Array<ToolOrigin & { name: string }> {
		const nodes = this.context.getParentNodes(nodeName, {
			includeNodeParameters: true,
			connectionType: 'ALL_NON_MAIN' as NodeConnectionType,
		});
		return nodes
			.filter(({ disabled }) => !disabled)
			.map(({ name, type, parameters = {} }) => ({
				name,
				type,
				parameters: parameters as IDataObject,
			}));
	}
}

async function once<Key, Value>(
	made: Map<Key, Promise<Value>>,
	key: Key,
	make: () => Promise<Value>,
): Promise<Value> {
	const known = made.get(key) ?? make();
	made.set(key, known);
	return await known;
}

function holdsExpression(value: unknown): boolean {
	if (typeof value === 'object' && value !== null) {
		return Object.values(value).some(holdsExpression);
	}
	return isExpression(value);
}
