import { Estimator } from '../../../lib/budget/estimator';
import { DEFAULT_PRICES, costOf, priceOf } from '../../../lib/budget/prices';

describe('priceOf', () => {
	it.each([
		['gpt-4o', 'gpt-4o'],
		['GPT-4o', 'gpt-4o'],
		['gpt-4o-2024-08-06', 'gpt-4o'],
		['gpt-4o-mini', 'gpt-4o-mini'],
		['gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
		['openai/gpt-4.1-mini', 'gpt-4.1-mini'],
		['anthropic/claude-sonnet-4@20250514', 'claude-sonnet-4'],
		['o3:high', 'o3'],
		['openrouter/openai/o3', 'o3'],
		['claude-opus-4-20250514', 'claude-opus-4'],
		['claude-opus-4-5-20251101', 'claude-opus-4-5'],
		['claude-3-5-haiku-latest', 'claude-3-5-haiku'],
		['mistral-large-2411', 'mistral-large'],
		['gemini-2.5-pro-preview-05-06', 'gemini-2.5-pro'],
	])('knows %s by %s', (model, known) => {
		expect(priceOf(model)).toBe(DEFAULT_PRICES[known]);
	});

	it.each(['gpt-4', 'gpt-4omega', 'o3x-high', 'o33', 'house-model', '', 'my-gpt-4o'])(
		'does not know %j',
		(model) => {
			expect(priceOf(model)).toBeUndefined();
		},
	);

	it.each([
		'o3-pro',
		'gpt-5.4-pro',
		'gpt-5.1',
		'claude-opus-4-8',
		'o3-20',
		'o3-previewed',
		'gpt-5x',
	])('does not take %j for the model whose name it begins with', (model) => {
		expect(priceOf(model)).toBeUndefined();
	});

	it('takes a price of your own for all models whose names begin like that', () => {
		const own = { o3: { input: 1, output: 1 } };
		expect(priceOf('o3-pro', own)).toBe(own.o3);
		expect(priceOf('o30', own)).toBeUndefined();
	});

	it('takes prices of your own first', () => {
		const own = { 'gpt-4o': { input: 1, output: 2 }, 'ollama/Llama': { input: 0, output: 0 } };
		expect(priceOf('gpt-4o-2024-08-06', own)).toEqual({ input: 1, output: 2 });
		expect(priceOf('ollama/llama:8b', own)).toEqual({ input: 0, output: 0 });
		expect(priceOf('o3', own)).toBe(DEFAULT_PRICES.o3);
	});

	it('takes the most exact name, in whatever order they stand', () => {
		const [short, long] = [
			{ input: 1, output: 1 },
			{ input: 2, output: 2 },
		];
		expect(priceOf('m-large-1', { m: short, 'm-large': long })).toBe(long);
		expect(priceOf('m-large-1', { 'm-large': long, m: short })).toBe(long);
	});
});

describe('costOf', () => {
	it('counts prompt and answer per million', () => {
		const tokens = { inputTokens: 2_000_000, outputTokens: 500_000 };
		expect(costOf('gpt-4o', tokens)).toBe(10);
		expect(costOf('x', tokens, { x: { input: 3, output: 4 } })).toBe(8);
	});

	it('is null when nobody knows the price', () => {
		expect(costOf('house-model', { inputTokens: 1, outputTokens: 1 })).toBeNull();
	});

	it('has a sensible price for every well-known model', () => {
		for (const [model, { input, output }] of Object.entries(DEFAULT_PRICES)) {
			expect([model, input > 0, output > input]).toEqual([model, true, true]);
		}
	});
});

describe('Estimator', () => {
	it('knows nothing at first', () => {
		expect(new Estimator().estimate('a')).toBeUndefined();
	});

	it('gives the 95th percentile, whatever the order', () => {
		const estimator = new Estimator();
		for (let value = 100; value > 0; value--) estimator.observe('a', value);
		expect(estimator.estimate('a')).toBe(95);
		estimator.observe('b', 7);
		expect(estimator.estimate('b')).toBe(7);
		estimator.observe('b', 9);
		expect(estimator.estimate('b')).toBe(9);
		for (let call = 0; call < 40; call++) estimator.observe('c', call);
		expect(estimator.estimate('c')).toBe(37);
	});

	it('sorts by size, not by text', () => {
		const estimator = new Estimator();
		for (const value of [9, 10, 100]) estimator.observe('a', value);
		expect(estimator.estimate('a')).toBe(100);
	});

	it('forgets what is older than a hundred calls', () => {
		const estimator = new Estimator();
		estimator.observe('a', 1e6);
		for (let call = 0; call < 5; call++) estimator.observe('a', 1e6);
		for (let call = 0; call < 94; call++) estimator.observe('a', 1);
		expect(estimator.estimate('a')).toBe(1e6);
		estimator.observe('a', 1);
		expect(estimator.estimate('a')).toBe(1);
	});
});
