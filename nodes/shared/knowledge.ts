import type { KnowledgeBase, RecalledText, TextEmbedder } from '../../lib';
import { isJsonObject, toJson, ValidationError } from '../../lib';

/** A document as n8n's vector stores and retrievers hand it over. */
interface AttachedDocument {
	pageContent?: unknown;
	metadata?: unknown;
}

interface AttachedVectorStore {
	similaritySearch(question: string, limit: number): Promise<AttachedDocument[]>;
	addDocuments?(documents: AttachedDocument[]): Promise<unknown>;
}

interface AttachedRetriever {
	invoke(question: string): Promise<AttachedDocument[]>;
}

interface AttachedEmbeddings {
	embedDocuments(texts: string[]): Promise<number[][]>;
}

/**
 * The embedder of an attached Embeddings sub-node; `undefined` when none is attached.
 *
 * @param onFailure - told about each call that does not work
 */
export function embedderOf(
	attached: unknown,
	onFailure: (error: unknown) => void,
): TextEmbedder | undefined {
	if (!has<AttachedEmbeddings>(attached, 'embedDocuments')) return undefined;
	return async (texts) =>
		await attached.embedDocuments(texts).catch(async (error: Error) => {
			onFailure(error);
			return await Promise.reject(error);
		});
}

/**
 * The knowledge of an attached Vector Store or Retriever.
 *
 * @throws {ValidationError} when neither is attached
 */
export function attachedKnowledge(attached: unknown): KnowledgeBase {
	if (has<AttachedVectorStore>(attached, 'similaritySearch')) return ofVectorStore(attached);
	if (has<AttachedRetriever>(attached, 'invoke')) return ofRetriever(attached);
	throw new ValidationError('A Vector Store or Retriever must be connected.', {
		hint: 'Attach one below this node, or remove the option Knowledge.',
	});
}

function ofVectorStore(store: AttachedVectorStore): KnowledgeBase {
	return {
		recall: async (question, limit) =>
			(await store.similaritySearch(question, limit)).map(recalledText),
		...(store.addDocuments === undefined
			? {}
			: {
					remember: async (text, metadata) => {
						await store.addDocuments!([{ pageContent: text, metadata }]);
					},
				}),
	};
}

function ofRetriever(retriever: AttachedRetriever): KnowledgeBase {
	return {
		recall: async (question, limit) =>
			(await retriever.invoke(question)).slice(0, limit).map(recalledText),
	};
}

function recalledText({ pageContent, metadata }: AttachedDocument, index: number): RecalledText {
	const plain = toJson(metadata);
	const named = isJsonObject(plain) ? (plain.source ?? plain.title) : undefined;
	const source = typeof named === 'string' && named !== '' ? named : `knowledge ${index + 1}`;
	return { source, text: typeof pageContent === 'string' ? pageContent : '' };
}

function has<Kind>(value: unknown, method: keyof Kind & string): value is Kind {
	return (
		typeof value === 'object' &&
		value !== null &&
		method in value &&
		typeof (value as Record<string, unknown>)[method] === 'function'
	);
}
