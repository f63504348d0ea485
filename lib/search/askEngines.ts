import { AbortError, EngineError, errorClassOf } from '../core';
import { FILTER_NAMES } from './filters';
import { fuse } from './fusion';
import type { HitList } from './fusion';
import { modelVariants } from './modelVariants';
import type { SearchPlan } from './plan';
import { isRelevant } from './relevance';
import type { SearchClock } from './searchClock';
import type { EngineHit, EngineReport } from './searchEngine';
import type { SearchPorts, SearchRequest } from './searchRequest';
import { Swarm } from './swarm';
import { expandedVariant, plainVariants } from './variants';
import type { QueryVariant } from './variants';

/** What the engines of one search said. */
export interface EngineAnswers {
	/** The wordings they were asked in. */
	variants: QueryVariant[];
	/** One list for each engine and wording that was answered. */
	lists: HitList[];
	/** How each engine did, in the order in which they were given. */
	engines: EngineReport[];
	/** What did not go as asked for, in words. */
	warnings: string[];
	/** What the calls cost by the price lists of the engines, in US dollars. */
	costUsd: number;
}

/** Share of the whole time that the model may take for its wordings. */
const VARIANTS_SHARE = 0.2;

/**
 * Asks all engines at the same time, in several wordings: those of the model when there is one,
 * else the question and its keywords, and then once more with the words of the best hits. An engine
 * that fails is reported and does not spoil the others.
 *
 * @throws {EngineError} `SEARCH_FAILED` when every engine failed, `ABORTED` when stopped
 */
export async function askEngines(
	plan: SearchPlan,
	request: SearchRequest,
	ports: SearchPorts,
	clock: SearchClock,
): Promise<EngineAnswers> {
	const { maxVariants = 3 } = request;
	const progress = ports.onProgress ?? (() => undefined);
	const swarm = new Swarm(plan, request, ports, clock);
	const variants = plainVariants(plan.text, maxVariants);
	if (request.variantsBy === 'model' && maxVariants > 1) {
		progress(5, 'Asking the model for other wordings');
		const stage = clock.stage(VARIANTS_SHARE, ports.signal);
		const written = await modelVariants(plan.text, maxVariants, ports.model, stage);
		stage.end();
		throwIfStopped(ports.signal);
		if (typeof written === 'string') swarm.warnings.push(written);
		else variants.splice(1, Infinity, ...written);
	}
	const tell = () => ports.onVariants?.(variants.map(({ text }) => text));
	tell();
	progress(10, `Asking ${ports.engines.length} search engines`);
	await swarm.ask(variants);
	throwIfStopped(ports.signal);
	const expanded =
		variants.length < maxVariants && !swarm.isOver
			? expandedVariant(plan.text, bestHits(plan.text, swarm.lists))
			: undefined;
	if (expanded !== undefined) {
		variants.push(expanded);
		tell();
		progress(40, 'Asking again with the words of the best hits');
		await swarm.ask([expanded]);
		throwIfStopped(ports.signal);
	}
	const engines = swarm.reports();
	if (swarm.failure !== undefined) throw allFailed(engines, swarm.failure);
	const { lists, costUsd } = swarm;
	const warnings = [...swarm.warnings, ...filterWarnings(engines)];
	return { variants, lists, engines, warnings, costUsd };
}

/** The hits so far, best first. */
function bestHits(text: string, lists: readonly HitList[]): EngineHit[] {
	return fuse(text, lists).filter((hit) => isRelevant(text, `${hit.title} ${hit.text}`));
}

/** One sentence for each filter that some engine could not be held to. */
function filterWarnings(engines: readonly EngineReport[]): string[] {
	return FILTER_NAMES.flatMap((name) => {
		const loose = engines.filter(({ filters }) => filters[name] === 'nobody');
		if (loose.length === 0) return [];
		const names = loose.map((engine) => engine.name).join(', ');
		return [`Results of ${names} could not be filtered by ${name}.`];
	});
}

function allFailed(engines: readonly EngineReport[], cause: unknown): EngineError {
	const causes = engines
		.filter(({ status }) => status !== 'standby')
		.map(({ name, error }) => `${name}: ${error ?? 'no answer'}`);
	return new EngineError('SEARCH_FAILED', `No search engine answered. ${causes.join(' ')}`, {
		errorClass: errorClassOf(cause),
		hint: 'Check the network and the engines chosen, or add another engine.',
		details: { engines },
	});
}

/** @throws {AbortError} when somebody asked the search to stop */
export function throwIfStopped(signal: AbortSignal | undefined): void {
	if (signal?.aborted === true) throw new AbortError('The search was cancelled.');
}
