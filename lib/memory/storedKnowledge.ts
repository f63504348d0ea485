import { hashOf, isJsonObject, type Json, parseJson } from '../core';
import type { Store } from '../store';
import type { KnowledgeBase, RecalledText } from './knowledge';
import { cosine, isVector, rounded, type TextEmbedder, type Vector } from './vectors';

/** Prepares texts to be searched: the result gives one score a text, 0 where nothing fits. */
export type TextIndexer = (texts: readonly string[]) => (question: string) => number[];

/** Which knowledge, and how it is searched. */
export interface StoredKnowledgeOptions {
	store: Pick<Store, 'list' | 'put' | 'remove'>;
	/** Names the knowledge. Who knows the name reads and writes it. */
	name: string;
	/** Finds texts by their words. */
	indexer: TextIndexer;
	/** Finds texts by their meaning, besides. What it cannot do is found by words alone. */
	embedder?: TextEmbedder;
	/** How many pieces are kept; the oldest are forgotten. Default 1000. */
	maxPieces?: number;
}

/** A piece as the store keeps it. */
interface Piece {
	source: string;
	text: string;
	vector?: Vector;
}

/** Pieces that are read, and ready to be searched. */
interface Snapshot {
	pieces: Piece[];
	byWords: (question: string) => number[];
}

const COLLECTION = 'knowledge';
const PAGE = 200;

/** Smooths the difference between the first ranks; the usual choice. */
const RANK_CONSTANT = 60;

/**
 * Knowledge kept in a store: what was remembered is found again by its words and, with an embedder,
 * by its meaning; both rankings are joined by reciprocal rank fusion.
 *
 * It is read once, at the first question: what is remembered through this object is found by those
 * who open the knowledge later. So tasks that run at the same time do not depend on their order.
 *
 * @see Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009
 */
export function storedKnowledge(options: StoredKnowledgeOptions): Required<KnowledgeBase> {
	const { store, name, indexer, embedder, maxPieces = 1000 } = options;
	// A hash, so that no name is the beginning of another one.
	const idPrefix = `${hashOf(name).slice(0, 16)}/`;
	let reading: Promise<Snapshot> | undefined;

	const read = async (): Promise<Snapshot> => {
		const pieces: Piece[] = [];
		for (let total = 1; pieces.length < Math.min(total, maxPieces); ) {
			const page = await store.list(COLLECTION, { idPrefix, limit: PAGE, offset: pieces.length });
			total = page.documents.length === 0 ? 0 : page.total;
			pieces.push(...page.documents.map(({ value }) => pieceOf(value)));
		}
		return { pieces, byWords: indexer(pieces.map(({ text }) => text)) };
	};

	const byMeaning = async (question: string, pieces: readonly Piece[]): Promise<number[]> => {
		if (pieces.every(({ vector }) => vector === undefined)) return [];
		const asked = await embedder?.([question]).catch(() => undefined);
		const vector = asked?.[0];
		if (!isVector(vector)) return [];
		return pieces.map((piece) => cosine(vector, piece.vector));
	};

	const forgetOldest = async (): Promise<void> => {
		const { total } = await store.list(COLLECTION, { idPrefix, limit: 1 });
		if (total <= maxPieces) return;
		const oldest = { idPrefix, oldestFirst: true, limit: Math.min(PAGE, total - maxPieces) };
		const { documents } = await store.list(COLLECTION, oldest);
		for (const { id } of documents) await store.remove(COLLECTION, id);
	};

	return {
		recall: async (question, limit): Promise<RecalledText[]> => {
			// What could not be read is tried again with the next question.
			reading ??= read().catch(async (error: Error) => {
				reading = undefined;
				return await Promise.reject(error);
			});
			const { pieces, byWords } = await reading;
			if (pieces.length === 0) return [];
			return fused([byWords(question), await byMeaning(question, pieces)])
				.slice(0, limit)
				.map((index) => ({ source: pieces[index]!.source, text: pieces[index]!.text }));
		},
		remember: async (text, metadata) => {
			const [vector] = (await embedder?.([text]).catch(() => undefined)) ?? [];
			const piece = {
				...metadata,
				source: metadata.source ?? '',
				text,
				...(isVector(vector) ? { vector: rounded(vector) } : {}),
			};
			const id = `${idPrefix}${hashOf(text).slice(0, 32)}`;
			const value = JSON.stringify(piece);
			await store.put({ collection: COLLECTION, id, version: 'any', value });
			await forgetOldest();
		},
	};
}

/** Indices of what any list finds, best first. Reciprocal ranks are added; 0 means not found. */
function fused(lists: ReadonlyArray<readonly number[]>): number[] {
	const scores = new Map<number, number>();
	for (const list of lists) {
		const found = [...list.keys()].filter((index) => list[index]! > 0);
		found
			.sort((one, other) => list[other]! - list[one]!)
			.forEach((index, rank) => {
				scores.set(index, (scores.get(index) ?? 0) + 1 / (RANK_CONSTANT + rank + 1));
			});
	}
	return [...scores].sort(([, one], [, other]) => other - one).map(([index]) => index);
}

/** A piece from the store; what somebody else wrote there is empty. */
function pieceOf(value: string): Piece {
	const json: Json = parseJson(value);
	if (!isJsonObject(json) || typeof json.text !== 'string') return { source: '', text: '' };
	const { text, source, vector } = json;
	return {
		text,
		source: typeof source === 'string' ? source : '',
		...(isVector(vector) ? { vector } : {}),
	};
}
