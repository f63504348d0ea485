import { EngineError } from '../../../lib';
import type { EngineHit, EngineQuery, ErrorClass, Runtime, SearchEngine } from '../../../lib';

/** What an engine does with one call, number 1, 2, …: hits after some time, an error, or nothing ever. */
export type Behaviour = (call: number, query: EngineQuery) => Partial<Outcome> | 'silence';

interface Outcome {
	afterMs: number;
	hits: EngineHit[];
	error: Error;
}

/** An engine of a test, and what it was asked. */
export interface FakeEngine extends SearchEngine {
	readonly queries: EngineQuery[];
	/** Calls that were broken off. */
	aborted: number;
}

/** A hit on a page about trams. */
export function hit(url: string, fields: Partial<EngineHit> = {}): EngineHit {
	return {
		url,
		title: 'Tram lines',
		snippet: 'The city builds four tram lines by 2031.',
		...fields,
	};
}

/** An engine that behaves as it is told, in virtual time. */
export function fakeEngine(
	name: string,
	runtime: Pick<Runtime, 'setTimer'>,
	behaviour: Behaviour,
	options: Partial<SearchEngine> = {},
): FakeEngine {
	const queries: EngineQuery[] = [];
	const engine: FakeEngine = {
		name,
		service: name,
		...options,
		queries,
		aborted: 0,
		search: async (query) => {
			queries.push(query);
			const outcome = behaviour(queries.length, query);
			return await new Promise((resolve, reject) => {
				query.signal.addEventListener('abort', () => {
					engine.aborted++;
					reject(new EngineError('ABORTED', 'Broken off.', { errorClass: 'abort' }));
				});
				if (outcome === 'silence') return;
				const { afterMs = 10, error, hits = [hit(`https://${name}.example/`)] } = outcome;
				runtime.setTimer(afterMs, () => (error === undefined ? resolve(hits) : reject(error)));
			});
		},
	};
	return engine;
}

/** An answer that is a failure. */
export function failure(errorClass: ErrorClass, retryAfterMs?: number): EngineError {
	const info = { errorClass, retryAfterMs };
	return new EngineError('SEARCH_FAILED', `It answered: ${errorClass}.`, info);
}
