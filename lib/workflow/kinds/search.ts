import { z } from 'zod';

import { paidFrom } from '../../budget';
import type { JsonObject } from '../../core';
import { named } from '../named';
import type { KindContext, StepKind } from '../stepKind';

/** A search that a step asks for. */
export interface SearchCall extends Pick<KindContext, 'attempt' | 'runtime'> {
	query: string;
	/** Whatever else the search understands. */
	options: JsonObject;
}

interface SearchParameters {
	/** Default: the step's task, or its input when that is a text. */
	query?: string;
	options: JsonObject;
}

/** Searches; what the search returns is the output. */
export function searchKind(search: (call: SearchCall) => unknown): StepKind<SearchParameters> {
	return {
		kind: 'search',
		parameters: named({
			query: z.string().optional(),
			options: z.custom<JsonObject>().default({}),
		}),
		execute({ parameters: { query, options }, input, task, attempt, runtime }) {
			const asked = query ?? task ?? (typeof input === 'string' ? input : JSON.stringify(input));
			return paidFrom(
				attempt.budget,
				{ searches: 1 },
				() => search({ query: asked, options, attempt, runtime }),
				attempt.signal,
			);
		},
	};
}
