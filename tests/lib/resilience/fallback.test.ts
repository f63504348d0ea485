import { EngineError, type ErrorClass } from '../../../lib/core';
import { withFallback } from '../../../lib/resilience/fallback';

const fail = (message: string, errorClass: ErrorClass = 'server'): EngineError =>
	new EngineError('FAILED', message, { errorClass });

/** Calls that end as their candidate says. */
const say = (candidate: Error | string): Promise<string> =>
	candidate instanceof Error ? Promise.reject(candidate) : Promise.resolve(candidate);

describe('withFallback', () => {
	it('gives the first result, and says who failed before', async () => {
		const down = fail('down');
		const left: unknown[] = [];
		const onFallback = (failure: unknown): number => left.push(failure);
		await expect(withFallback([down, 'b', 'c'], say, { onFallback })).resolves.toEqual({
			value: 'b',
			index: 1,
			failures: [{ index: 0, error: down }],
		});
		expect(left).toEqual([{ index: 0, error: down }]);
	});

	it('tells the call which candidate it is', async () => {
		const call = jest.fn((name: string, index: number) => Promise.resolve(`${name}${index}`));
		await expect(withFallback(['a'], call)).resolves.toMatchObject({ value: 'a0', failures: [] });
	});

	it('fails with all messages when all have failed', async () => {
		const onFallback = jest.fn();
		const candidates = [fail('first'), new Error('second'), fail('third', 'auth')];
		await expect(withFallback(candidates, say, { onFallback })).rejects.toMatchObject({
			code: 'FALLBACK_EXHAUSTED',
			message: 'No candidate gave a result. 1. first 2. second 3. third',
			errorClass: 'auth',
			retryable: false,
			cause: candidates[2],
			details: {
				failures: [
					{ index: 0, code: 'FAILED', message: 'first' },
					{ index: 1, code: 'UNKNOWN', message: 'second' },
					{ index: 2, code: 'FAILED', message: 'third' },
				],
			},
		});
		expect(onFallback).toHaveBeenCalledTimes(2);
	});

	it('passes the error of the only candidate on as it is', async () => {
		const error = fail('alone');
		await expect(withFallback([error], say)).rejects.toBe(error);
	});

	it('fails when there is nothing to try', async () => {
		await expect(withFallback([], say)).rejects.toThrow(
			'No candidate gave a result. There was none to try.',
		);
	});

	it.each([
		['abort', false],
		['budget', false],
		['guardrail', false],
		['validation', false],
		['auth', true],
		['not_found', true],
		['quota_exhausted', true],
		['rate_limit', true],
		['unknown', true],
	] as const)('after an error of class %s goes on: %s', async (errorClass, goesOn) => {
		const result = withFallback([fail('x', errorClass), 'b'], say);
		if (goesOn) await expect(result).resolves.toMatchObject({ value: 'b' });
		else await expect(result).rejects.toThrow('x');
	});

	it('lets the list of the user win', async () => {
		const fallBackOn = ['validation'] as const;
		const wrong = withFallback([fail('x', 'validation'), 'b'], say, { fallBackOn });
		await expect(wrong).resolves.toMatchObject({ value: 'b' });
		const down = withFallback([fail('x', 'server'), 'b'], say, { fallBackOn });
		await expect(down).rejects.toThrow('x');
	});
});
