/** What a model costs, in US dollars per million tokens. */
export interface Price {
	input: number;
	output: number;
}

/** Prices by model; your own also by the beginning of a name: the longest that matches counts. */
export type PriceTable = Readonly<Record<string, Price>>;

/**
 * List prices of well-known models, as published by their makers in the autumn of 2025, without
 * discounts for caches and batches. Prices change: give your own table where it matters.
 */
export const DEFAULT_PRICES: PriceTable = {
	'gpt-5': { input: 1.25, output: 10 },
	'gpt-5-mini': { input: 0.25, output: 2 },
	'gpt-5-nano': { input: 0.05, output: 0.4 },
	'gpt-5-pro': { input: 15, output: 120 },
	'gpt-4.1': { input: 2, output: 8 },
	'gpt-4.1-mini': { input: 0.4, output: 1.6 },
	'gpt-4.1-nano': { input: 0.1, output: 0.4 },
	'gpt-4o': { input: 2.5, output: 10 },
	'gpt-4o-mini': { input: 0.15, output: 0.6 },
	o3: { input: 2, output: 8 },
	'o4-mini': { input: 1.1, output: 4.4 },
	'claude-opus-4': { input: 15, output: 75 },
	'claude-opus-4-1': { input: 15, output: 75 },
	'claude-opus-4-5': { input: 5, output: 25 },
	'claude-sonnet-4': { input: 3, output: 15 },
	'claude-sonnet-4-5': { input: 3, output: 15 },
	'claude-haiku-4-5': { input: 1, output: 5 },
	'claude-3-7-sonnet': { input: 3, output: 15 },
	'claude-3-5-haiku': { input: 0.8, output: 4 },
	'gemini-2.5-pro': { input: 1.25, output: 10 },
	'gemini-2.5-flash': { input: 0.3, output: 2.5 },
	'gemini-2.5-flash-lite': { input: 0.1, output: 0.4 },
	'mistral-large': { input: 2, output: 6 },
	'mistral-small': { input: 0.1, output: 0.3 },
	'deepseek-chat': { input: 0.27, output: 1.1 },
	'deepseek-reasoner': { input: 0.55, output: 2.19 },
};

/**
 * The price of a model.
 *
 * @param model - its name, with or without the maker in front (`openai/gpt-4o`) and a date behind
 * @param own - prices that win over the well-known ones; 0 for a model that runs at home
 * @returns undefined when nobody knows
 */
export function priceOf(model: string, own: PriceTable = {}): Price | undefined {
	return lookUp(model, own, begins) ?? lookUp(model, DEFAULT_PRICES, isEditionOf);
}

/** What tokens cost, in US dollars; `null` when the price is not known. */
export function costOf(
	model: string,
	tokens: { inputTokens: number; outputTokens: number },
	own: PriceTable = {},
): number | null {
	const price = priceOf(model, own);
	if (price === undefined) return null;
	return (tokens.inputTokens * price.input + tokens.outputTokens * price.output) / 1_000_000;
}

function lookUp(
	model: string,
	table: PriceTable,
	isMeant: (name: string, known: string) => boolean,
): Price | undefined {
	const names = [model.toLowerCase(), model.toLowerCase().split('/').at(-1)!];
	let best: string | undefined;
	for (const known of Object.keys(table)) {
		const matches = names.some((name) => isMeant(name, known.toLowerCase()));
		if (matches && known.length > (best?.length ?? -1)) best = known;
	}
	return best === undefined ? undefined : table[best];
}

/** `gpt-4o-2024-08-06` begins with `gpt-4o`; `gpt-4` does not stand for `gpt-4o`. */
function begins(name: string, known: string): boolean {
	return name === known || (name.startsWith(known) && /^[-:@.]/.test(name.slice(known.length)));
}

/**
 * A date, a tag or a preview behind the name, but no other variant: `o3-pro` costs ten times as much
 * as `o3`, and a price that is not known is better than a wrong one.
 */
function isEditionOf(name: string, known: string): boolean {
	return name.startsWith(known) && EDITION.test(name.slice(known.length));
}

const EDITION = /^(?:-(?:\d{3,8}|latest|preview)(?:-\d{2})*)?(?:[:@].*)?$/;
