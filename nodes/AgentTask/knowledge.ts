import { type KnowledgeBase, messageOf, storedKnowledge, TextRanker } from '../../lib';
import { embedderOf } from '../shared/knowledge';
import { nodeLogger } from '../shared/logger';
import type { ItemRun } from './itemContext';

/** What the agent looks its task up in; `undefined` when that is not wanted. */
export async function knowledgeOf(item: ItemRun): Promise<KnowledgeBase | undefined> {
	const { connections, parameters, itemIndex } = item;
	const { knowledge } = parameters.options;
	if (knowledge === 'none') return undefined;
	if (knowledge === 'builtIn') return await builtIn(item);
	return await connections.knowledge(knowledge, itemIndex);
}

/** Built-in knowledge remembers unless told otherwise: there is no other way to fill it. */
export function remembers({ parameters }: ItemRun): boolean {
	const { knowledge, remember } = parameters.options;
	return remember ?? knowledge === 'builtIn';
}

/** The knowledge in the store; the items of one execution share what is read. */
async function builtIn(item: ItemRun): Promise<KnowledgeBase> {
	const { builtInKnowledge, connections, context, itemIndex, parameters, store } = item;
	const given = parameters.options.knowledgeName.trim();
	const name = given === '' ? `workflow ${context.getWorkflow().id}` : `name ${given}`;
	const embedder = embedderOf(await connections.embeddings(itemIndex), (error) =>
		nodeLogger(context).log('warn', 'The Embeddings did not work; knowledge is found by words', {
			message: item.source.redact.text(messageOf(error)),
		}),
	);
	const base =
		builtInKnowledge.get(name) ??
		storedKnowledge({
			store,
			name,
			indexer,
			...(embedder === undefined ? {} : { embedder }),
		});
	builtInKnowledge.set(name, base);
	return base;
}

function indexer(texts: readonly string[]): (question: string) => number[] {
	const ranker = new TextRanker(texts.map((text) => ({ title: '', text })));
	return (question) => [...ranker.scores(question)];
}
