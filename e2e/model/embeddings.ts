/** Embeddings without a model: words hashed into a vector of length 1. */
import { createHash } from 'node:crypto';
import { tokensOf } from './completion.ts';
import type { EmbeddingsRequest } from './protocol.ts';

const DEFAULT_DIMENSIONS = 256;

/** Texts that share words get similar vectors. */
export function embedding(text: string, dimensions = DEFAULT_DIMENSIONS): number[] {
	const vector = new Array<number>(dimensions).fill(0);
	for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
		const place = createHash('sha256').update(word).digest().readUInt32BE(0) % dimensions;
		vector[place] = (vector[place] ?? 0) + 1;
	}
	const length = Math.hypot(...vector) || 1;
	return vector.map((value) => value / length);
}

export function embeddingsBody({ model, input, dimensions }: EmbeddingsRequest) {
	const texts = Array.isArray(input) ? input : [input];
	const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
	return {
		object: 'list',
		model,
		data: texts.map((text, index) => ({
			object: 'embedding',
			index,
			embedding: embedding(text, dimensions),
		})),
		usage: { prompt_tokens: tokens, total_tokens: tokens },
	};
}
