import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
	AbortError,
	answerCache,
	BudgetLedger,
	EngineError,
	Endpoints,
	memoryStore,
	modelSession,
	VirtualRuntime,
} from '../../../lib';
import type { CallFailure, ChatModel, ErrorClass, ModelSessionOptions } from '../../../lib';
import { scriptedModel } from '../../helpers/scriptedModel';
import type { Turn } from '../../helpers/scriptedModel';

const ask = { messages: [{ role: 'user', content: 'Why?' }] } as const;

const error = (errorClass: ErrorClass, extra = {}) =>
	new EngineError('E', `${errorClass} failed.`, { errorClass, ...extra });

function setup(options: Partial<ModelSessionOptions> & { turns?: Turn[] } = {}) {
	const { turns = ['Because.'], ...rest } = options;
	const runtime = new VirtualRuntime();
	const model = scriptedModel('m', ...turns);
	const failures: CallFailure[] = [];
	const session = modelSession({
		models: [model],
		runtime,
		retry: { jitter: 'none' },
		onFailure: (failure) => failures.push(failure),
		...rest,
	});
	return { runtime, model, session, failures };
}

describe('modelSession', () => {
	it('wants at least one model', () => {
		expect(() => setup({ models: [] })).toThrow(
			expect.objectContaining({
				message: 'There is no model to ask.',
				hint: 'Attach a Chat Model, or set Model Source to API Credential and choose a model.',
			}),
		);
	});

	it('gives the answer and counts what it used', async () => {
		const { session } = setup();
		expect(session.report()).toEqual({
			usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0, costUsd: 0, calls: 0 },
			attempts: 1,
			model: '',
		});
		expect((await session.chat(ask)).text).toBe('Because.');
		await session.chat(ask);
		expect(session.report()).toEqual({
			usage: { inputTokens: 20, outputTokens: 10, totalTokens: 30, costUsd: null, calls: 2 },
			attempts: 1,
			model: 'm',
		});
	});

	it('tries again after 1 and 2 seconds', async () => {
		const { session, runtime, failures } = setup({
			turns: [error('server'), error('overloaded'), 'Because.'],
		});
		expect((await runtime.until(session.chat(ask))).text).toBe('Because.');
		expect(runtime.slept).toEqual([1000, 2000]);
		expect(session.report()).toMatchObject({ attempts: 3, usage: { calls: 1 } });
		expect(failures.map(({ model, next }) => [model, next])).toEqual([
			['m', 'retry'],
			['m', 'retry'],
		]);
	});

	it('gives up after three attempts unless told otherwise', async () => {
		const { session, runtime, model, failures } = setup({ turns: [error('server')] });
		await expect(runtime.until(session.chat(ask))).rejects.toMatchObject({
			code: 'RETRY_EXHAUSTED',
			errorClass: 'server',
		});
		expect(model.requests).toHaveLength(3);
		expect(failures.map(({ next }) => next)).toEqual(['retry', 'retry', 'fail']);
	});

	it.each<ErrorClass>([
		'auth',
		'validation',
		'not_found',
		'quota_exhausted',
		'budget',
		'guardrail',
	])('does not try again after %s', async (errorClass) => {
		const failure = error(errorClass);
		const { session, runtime, model } = setup({ turns: [failure] });
		await expect(runtime.until(session.chat(ask))).rejects.toBe(failure);
		expect(model.requests).toHaveLength(1);
		expect(session.report().attempts).toBe(2);
	});

	describe('with fallback models', () => {
		const down = () => scriptedModel('first', error('auth'));

		it('hands the same conversation to the next one, which keeps the task', async () => {
			const first = down();
			const second = scriptedModel('second', 'One.', 'Two.');
			const { session, failures } = setup({ models: [first, second] });
			await session.chat(ask);
			await session.chat(ask);
			expect(first.requests).toHaveLength(1);
			expect(second.requests.map(({ messages }) => messages)).toEqual([ask.messages, ask.messages]);
			expect(session.report()).toMatchObject({ model: 'second', attempts: 2 });
			expect(failures.map(({ model, next }) => [model, next])).toEqual([['first', 'fallback']]);
		});

		it('says what was wrong with each when all fail', async () => {
			const models = [down(), scriptedModel('second', error('not_found'))];
			const { session, failures } = setup({ models });
			await expect(session.chat(ask)).rejects.toMatchObject({
				code: 'ALL_MODELS_FAILED',
				errorClass: 'not_found',
				retryable: false,
				message: 'All 2 models failed. first: auth failed. second: not_found failed.',
				hint: 'Check each model and its credential, or try again later.',
				details: { models: ['first', 'second'] },
				cause: expect.objectContaining({ errorClass: 'not_found' }),
			});
			expect(failures.map(({ next }) => next)).toEqual(['fallback', 'fail']);
		});

		it.each<ErrorClass>(['abort', 'budget', 'guardrail'])(
			'does not ask another after %s',
			async (errorClass) => {
				const failure = error(errorClass);
				const second = scriptedModel('second', 'x');
				const models = [scriptedModel('first', failure), second];
				const { session } = setup({ models });
				await expect(session.chat(ask)).rejects.toBe(failure);
				expect(second.requests).toHaveLength(0);
				const later = setup({ models: [down(), scriptedModel('second', failure)] });
				await expect(later.session.chat(ask)).rejects.toBe(failure);
			},
		);
	});

	it('lets another session count into its report, and keep its own model', async () => {
		const { session } = setup();
		const judge = session.withModels([scriptedModel('judge', 'x')]);
		await session.chat(ask);
		await judge.chat(ask);
		expect(session.report()).toMatchObject({ model: 'm', usage: { calls: 2 } });
		expect(judge.report()).toMatchObject({ model: 'judge', usage: { calls: 2 } });
	});

	describe('time limits', () => {
		const never = async () => await new Promise<string>(() => undefined);

		it('ends an attempt, aborts it, and tries again', async () => {
			const signals: AbortSignal[] = [];
			const stuck: Turn = async ({ signal }) => {
				signals.push(signal!);
				return await never();
			};
			const { session, runtime } = setup({
				turns: [stuck, 'Because.'],
				timeouts: { attemptMs: 500 },
			});
			expect((await runtime.until(session.chat(ask))).text).toBe('Because.');
			expect(signals[0]!.aborted).toBe(true);
			expect(runtime.monotonic()).toBe(1500);
		});

		it('ends an attempt that shows no sign of life, and streams to see them', async () => {
			const seen: boolean[] = [];
			const { session, runtime } = setup({
				timeouts: { idleMs: 300 },
				retry: { maxAttempts: 1 },
				turns: [
					async ({ onActivity, onText }) => {
						seen.push(onText !== undefined);
						for (let sign = 0; sign < 5; sign++) {
							await runtime.sleep(200);
							onActivity?.();
							onText?.('x');
						}
						return await never();
					},
				],
			});
			await expect(runtime.until(session.chat(ask))).rejects.toMatchObject({ code: 'TIMEOUT' });
			expect(seen).toEqual([true]);
			expect(runtime.monotonic()).toBe(1300);
		});

		it('does not stream without an idle limit', async () => {
			const { session, model } = setup({ timeouts: { attemptMs: 500 } });
			await session.chat(ask);
			expect(model.requests[0]!.onText).toBeUndefined();
		});

		it('ends the session as a whole, over all its calls', async () => {
			const { session, runtime } = setup({
				timeouts: { totalMs: 1000 },
				turns: [
					async () => {
						await runtime.sleep(700);
						return 'One.';
					},
					never,
				],
			});
			await runtime.until(session.chat(ask));
			await expect(runtime.until(session.chat(ask))).rejects.toMatchObject({ code: 'TIMEOUT' });
			expect(runtime.monotonic()).toBe(1000);
		});
	});

	it('ends at once when cancelled, whatever the model does', async () => {
		const controller = new AbortController();
		const { session } = setup({ turns: [async () => await new Promise<string>(() => undefined)] });
		const running = session.chat({ ...ask, signal: controller.signal });
		controller.abort(new AbortError('Stopped.'));
		await expect(running).rejects.toThrow('Stopped.');
	});

	it('tells a listener when a streamed answer starts again', async () => {
		const heard: string[] = [];
		const { session, runtime } = setup({
			turns: [
				({ onText }) => {
					onText?.('Be');
					return error('network');
				},
				({ onText }) => {
					onText?.('Becau');
					onText?.('se.');
					return 'Because.';
				},
			],
		});
		await runtime.until(session.chat({ ...ask, onText: (piece) => heard.push(piece) }));
		expect(heard).toEqual(['Be', '\n\n[The answer starts again.]\n\n', 'Becau', 'se.']);
	});

	describe('with shared endpoints', () => {
		it('stops calling a model that fails, for everybody, and probes it later', async () => {
			const runtime = new VirtualRuntime();
			const endpoints = new Endpoints(runtime);
			let broken = true;
			const model = scriptedModel('m', () => (broken ? error('server') : 'Because.'));
			const open = (models: ChatModel[] = [model]) =>
				modelSession({ models, runtime, endpoints, retry: { maxAttempts: 5, jitter: 'none' } });

			await expect(runtime.until(open().chat(ask))).rejects.toMatchObject({ errorClass: 'server' });
			expect(model.requests).toHaveLength(5);
			// With another model at hand nobody waits for the first.
			const backup = scriptedModel('backup', 'From the backup.');
			expect((await runtime.until(open([model, backup]).chat(ask))).text).toBe('From the backup.');
			expect(model.requests).toHaveLength(5);
			broken = false;
			const before = runtime.monotonic();
			expect((await runtime.until(open().chat(ask))).text).toBe('Because.');
			expect(model.requests).toHaveLength(6);
			expect(runtime.monotonic() - before).toBe(30_000);
		});

		it('lets everybody wait when a service asks for a pause, and opens no circuit', async () => {
			const runtime = new VirtualRuntime();
			const endpoints = new Endpoints(runtime);
			const slow = error('rate_limit', { retryAfterMs: 7000 });
			const model = scriptedModel('m', slow, 'One.', 'Two.', 'Three.');
			const open = (requestsPerMinute?: number) =>
				modelSession({
					models: [model],
					runtime,
					endpoints,
					retry: { jitter: 'none' },
					...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
				});
			const limited = open(600);
			await runtime.until(limited.withModels([scriptedModel('other', 'x')]).chat(ask));
			endpoints.at(model.key, 600);
			const first = open().chat(ask);
			await runtime.drain();
			const others = [open().chat(ask), open(600).chat(ask)];
			await runtime.drain();
			expect(model.requests).toHaveLength(1);
			await runtime.advance(6999);
			expect(model.requests).toHaveLength(1);
			await runtime.until(Promise.all([first, ...others]));
			expect(model.requests).toHaveLength(4);
			expect(endpoints.at(model.key).breaker.status).toBe('closed');
		});

		it('spaces calls out', async () => {
			const runtime = new VirtualRuntime();
			const endpoints = new Endpoints(runtime);
			const times: number[] = [];
			const model = scriptedModel('m', () => {
				times.push(runtime.monotonic());
				return 'x';
			});
			const options = { models: [model], runtime, endpoints, requestsPerMinute: 60 };
			await runtime.until(
				Promise.all([1, 2, 3].map(async () => await modelSession(options).chat(ask))),
			);
			expect(times).toEqual([0, 1000, 2000]);
		});

		it('keeps other models, and other failures, out of it', async () => {
			const runtime = new VirtualRuntime();
			const endpoints = new Endpoints(runtime);
			endpoints.at('a');
			endpoints.at('ab');
			endpoints.slowDown('a', error('server', { retryAfterMs: 5000 }));
			expect(endpoints.at('a').limiter.waitMs()).toBe(0);
			endpoints.slowDown('a', new Error('x'));
			expect(endpoints.at('a').limiter.waitMs()).toBe(0);
			endpoints.slowDown('a', error('rate_limit'));
			expect(endpoints.at('a').limiter.waitMs()).toBe(0);
			endpoints.slowDown('a', error('rate_limit', { retryAfterMs: 5000 }));
			expect(endpoints.at('a').limiter.waitMs()).toBe(5000);
			expect(endpoints.at('ab').limiter.waitMs()).toBe(0);
		});
	});

	it('tells what a call waits for, and when it goes on', async () => {
		const told: Array<string | undefined> = [];
		const runtime = new VirtualRuntime();
		const { session } = setup({
			turns: ['One.', 'Two.'],
			runtime,
			endpoints: new Endpoints(runtime),
			requestsPerMinute: 60,
			onBlocked: (by) => told.push(by?.kind),
		});
		await session.chat(ask);
		expect(told).toEqual([]);
		await runtime.until(session.chat(ask));
		expect(told).toEqual(['rate', undefined]);
	});

	describe('with a budget', () => {
		const priced = { prices: { m: { input: 1_000_000, output: 1_000_000 } } };
		/** After 5 seconds, whatever its signal says. */
		const slowly =
			(runtime: VirtualRuntime, turn: Turn): Turn =>
			async () => {
				await runtime.sleep(5000);
				return turn;
			};

		it('books what calls cost, and makes none that cannot be paid', async () => {
			const ledger = new BudgetLedger({ costUsd: { hard: 20 } }, priced);
			const { session, model } = setup({ budget: { ledger, path: 'a' }, ...priced });
			await session.chat(ask);
			expect(ledger.spent()).toMatchObject({ costUsd: 15, tokens: 15, calls: 1 });
			await expect(session.chat(ask)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
			expect(model.requests).toHaveLength(1);
			expect(session.report().usage.costUsd).toBe(15);
		});

		it('knows the price of the model that was asked when the answer has another name', async () => {
			const { session } = setup({ ...priced, turns: [{ text: 'x', model: 'internal-7' }] });
			await session.chat(ask);
			expect(session.report()).toMatchObject({ model: 'internal-7', usage: { costUsd: 15 } });
		});

		it('books answers that come after the time limit or the cancel', async () => {
			const ledger = new BudgetLedger({ costUsd: { hard: 100 } }, priced);
			const controller = new AbortController();
			const runtime = new VirtualRuntime();
			const booked: number[] = [];
			const late = (call: Promise<void>): void =>
				void call.then(() => booked.push(ledger.spent().tokens));
			const slow = slowly(runtime, 'Late.');
			const broken = slowly(runtime, error('server'));
			const { session } = setup({
				...priced,
				runtime,
				budget: { ledger, path: 'a', late },
				timeouts: { attemptMs: 500 },
				turns: [slow, broken, 'Because.', slow],
			});
			await runtime.until(session.chat(ask));
			const cancelled = session.chat({ ...ask, signal: controller.signal });
			await runtime.advance(100);
			controller.abort(new AbortError('Stopped.'));
			await expect(cancelled).rejects.toThrow('Stopped.');
			expect(ledger.spent()).toMatchObject({ costUsd: 15, tokens: 15, calls: 4 });
			await runtime.advance(10_000);
			expect(ledger.spent()).toMatchObject({ costUsd: 45, tokens: 45, calls: 4 });
			expect(session.report()).toMatchObject({ usage: { costUsd: 45, calls: 3 }, attempts: 4 });
			expect(booked).toEqual(expect.arrayContaining([30, 45]));
		});

		it('counts late answers without a budget', async () => {
			const runtime = new VirtualRuntime();
			const { session } = setup({
				runtime,
				timeouts: { attemptMs: 500 },
				turns: [slowly(runtime, 'Late.'), 'Because.'],
			});
			await runtime.until(session.chat(ask));
			await runtime.advance(10_000);
			expect(session.report()).toMatchObject({ usage: { totalTokens: 30, calls: 2 }, attempts: 2 });
		});

		it('says when it is time to finish', async () => {
			const ledger = new BudgetLedger({ calls: { soft: 1, hard: 5 } });
			const { session } = setup({ budget: { ledger, path: 'a' } });
			expect(session.finishNow()).toBe(false);
			await session.chat(ask);
			expect(session.finishNow()).toBe(true);
			expect(setup().session.finishNow()).toBe(false);
		});

		it('sets aside the longest answer that was asked for', async () => {
			const ledger = new BudgetLedger({ tokens: { hard: 100 } });
			const { session } = setup({ budget: { ledger, path: 'a' } });
			await expect(session.chat({ ...ask, maxOutputTokens: 99 })).rejects.toMatchObject({
				code: 'BUDGET_EXCEEDED',
			});
			await session.chat({ ...ask, maxOutputTokens: 50 });
		});

		it('remembers what is set aside before it calls, and calls nothing when that fails', async () => {
			const ledger = new BudgetLedger({ calls: { hard: 5 } });
			const events: string[] = [];
			const save = async () => {
				events.push(`saved ${ledger.toJSON().reserved.calls}`);
			};
			const { session } = setup({
				budget: { ledger, path: 'a', save },
				turns: [
					() => {
						events.push('called');
						return 'x';
					},
				],
			});
			await session.chat(ask);
			expect(events).toEqual(['saved 1', 'called']);

			const full = { ledger, path: 'a', save: async () => await Promise.reject(error('conflict')) };
			const other = setup({ budget: full });
			await expect(other.session.chat(ask)).rejects.toMatchObject({ errorClass: 'conflict' });
			expect(other.model.requests).toHaveLength(0);
			expect(ledger.toJSON().reserved.calls).toBe(0);
		});

		it('is never exceeded by 1,000 parallel calls by more than one estimate is wrong', async () => {
			await fc.assert(
				fc.asyncProperty(
					fc.integer({ min: 1, max: 400 }),
					fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 10, maxLength: 10 }),
					fc.integer(),
					async (hard, sizes, seed) => {
						const runtime = new VirtualRuntime({ seed, shuffle: true });
						const ledger = new BudgetLedger({ tokens: { hard: hard * 50 } });
						let count = 0;
						const model = scriptedModel('m', async () => {
							const outputTokens = sizes[count++ % sizes.length]!;
							await runtime.sleep(outputTokens);
							const usage = {
								inputTokens: 5,
								outputTokens,
								totalTokens: 5 + outputTokens,
								estimated: false,
							};
							return { text: 'x', usage };
						});
						const chat = async (path: string) =>
							await modelSession({ models: [model], runtime, budget: { ledger, path } }).chat({
								...ask,
								maxOutputTokens: 60,
							});
						const paths = Array.from({ length: 1000 }, (_entry, index) => `item/${index}`);
						await runtime.until(Promise.allSettled(paths.map(chat)));
						expect(ledger.spent().tokens).toBeLessThanOrEqual(hard * 50);
						expect(ledger.toJSON().reserved.tokens).toBe(0);
					},
				),
				{ numRuns: 5 },
			);
		}, 30_000);
	});

	describe('with a cache', () => {
		function cached(runtime: VirtualRuntime, store = memoryStore(runtime)) {
			return answerCache({ store, runtime, ttlMs: 60_000 });
		}

		it('asks the same once, also when delimiters differ, until the answer is too old', async () => {
			const runtime = new VirtualRuntime();
			const cache = cached(runtime);
			const model = scriptedModel('m', 'One.', 'Two.');
			const open = () => modelSession({ models: [model], runtime, cache });
			const with_ = (id: string) => ({
				messages: [
					{
						role: 'user',
						content: `<untrusted-data id="${id}" source="s">x</untrusted-data id="${id}">`,
					},
				] as const,
			});
			expect((await open().chat(with_('a1'))).text).toBe('One.');
			const heard: string[] = [];
			const second = open();
			const answer = await second.chat({ ...with_('b2'), onText: (piece) => heard.push(piece) });
			expect(answer.text).toBe('One.');
			expect(heard).toEqual(['One.']);
			expect(second.report()).toMatchObject({ model: 'm', usage: { calls: 0, costUsd: 0 } });
			expect(model.requests).toHaveLength(1);
			await runtime.advance(60_001);
			expect((await open().chat(with_('a1'))).text).toBe('Two.');
		});

		it.each([
			{ temperature: 1 },
			{ maxOutputTokens: 5 },
			{ responseFormat: { type: 'json' } as const },
			{ tools: [{ name: 't', description: '', parameters: {} }] },
			{ messages: [{ role: 'system', content: 'Why?' }] as const },
		])('asks again about %j', async (change) => {
			const runtime = new VirtualRuntime();
			const cache = cached(runtime);
			const model = scriptedModel('m', 'x');
			const session = modelSession({ models: [model], runtime, cache });
			await session.chat(ask);
			await session.chat({ ...ask, ...change });
			expect(model.requests).toHaveLength(2);
		});

		it('asks each model for itself', async () => {
			const runtime = new VirtualRuntime();
			const cache = cached(runtime);
			const other = scriptedModel('other', 'y');
			await modelSession({ models: [scriptedModel('m', 'x')], runtime, cache }).chat(ask);
			const answer = await modelSession({ models: [other], runtime, cache }).chat(ask);
			expect(answer.text).toBe('y');
		});

		it('does not mind a broken store, nor what is broken in it', async () => {
			const runtime = new VirtualRuntime();
			const broken = async () => await Promise.reject(new Error('disk full'));
			const values = ['{oops', '5', '{"text":"x"}', '{"text":"x","model":"m","toolCalls":[]}'];
			const stores = [
				{ get: broken, put: broken },
				...values.map((value) => ({
					get: async () => ({
						collection: '',
						id: '',
						version: 1,
						value,
						status: '',
						runId: '',
						updatedAt: runtime.now(),
					}),
					put: broken,
				})),
			];
			for (const store of stores) {
				const cache = answerCache({ store, runtime, ttlMs: 1000 });
				const session = modelSession({ models: [scriptedModel('m', 'Asked.')], runtime, cache });
				expect((await session.chat(ask)).text).toBe('Asked.');
			}
		});
	});
});
