import { EngineError } from '../core';
import type { Amounts } from './amounts';
import { Estimator } from './estimator';
import { costOf, type PriceTable } from './prices';

/** Announces one call. */
export interface ReserveRequest {
	/** Path of the step, e.g. `fanout[3]/search`. */
	path: string;
	/** What similar calls have in common, for estimates. Default: the path. */
	kind?: string;
	/** Name of the model; without one, no tokens and no model call are reserved. */
	model?: string;
	/** Size of the prompt, in tokens. Default: what such calls usually need in all. */
	inputTokens?: number;
	/** Most the answer may have, in tokens. Default: what such answers usually have. */
	maxOutputTokens?: number;
	/** Anything else, e.g. `{ searches: 1 }`; wins over what the model's call would reserve. */
	amounts?: Amounts;
}

/** How costs are known, and what happens when they are not. */
export interface PricingOptions {
	/** Prices of your own, which win over the well-known ones. */
	prices?: PriceTable;
	/** Whether models without a known price may be called under a limit on costs. Default `allow`. */
	unpriced?: 'allow' | 'block';
}

/** What calls will probably need, from what they announce and from what such calls needed before. */
export class Estimates {
	readonly unpricedModels = new Set<string>();
	private readonly totals = new Estimator();
	private readonly outputs = new Estimator();

	constructor(private readonly pricing: PricingOptions) {}

	/**
	 * @param costIsLimited - whether any budget of the call limits costs
	 * @throws {EngineError} `UNPRICED_MODEL` when that is so, and such models are blocked
	 */
	of(request: ReserveRequest, costIsLimited: boolean): Amounts {
		const { model } = request;
		if (model === undefined) return { activeMs: 0, ...request.amounts };
		const tokens = this.tokensOf(request);
		const costUsd = costOf(model, tokens, this.pricing.prices);
		if (costUsd === null) this.noteUnpriced(model, costIsLimited);
		return {
			tokens: tokens.inputTokens + tokens.outputTokens,
			costUsd: costUsd ?? 0,
			calls: 1,
			activeMs: 0,
			...request.amounts,
		};
	}

	/** Learns from a call that has ended. */
	observe(kind: string, usage: { totalTokens: number; outputTokens: number }): void {
		this.totals.observe(kind, usage.totalTokens);
		this.outputs.observe(kind, usage.outputTokens);
	}

	private tokensOf(request: ReserveRequest): { inputTokens: number; outputTokens: number } {
		const { path, kind = path, inputTokens, maxOutputTokens } = request;
		const outputTokens = maxOutputTokens ?? this.outputs.estimate(kind) ?? 0;
		const total = this.totals.estimate(kind) ?? 0;
		return { inputTokens: inputTokens ?? Math.max(0, total - outputTokens), outputTokens };
	}

	private noteUnpriced(model: string, costIsLimited: boolean): void {
		this.unpricedModels.add(model);
		if (!costIsLimited || this.pricing.unpriced !== 'block') return;
		throw new EngineError('UNPRICED_MODEL', `The price of model "${model}" is not known.`, {
			errorClass: 'budget',
			hint: 'Give its price in the price table, allow unpriced models, or limit tokens instead.',
			details: { model },
		});
	}
}
