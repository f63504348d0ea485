import { z } from 'zod';

import { show } from '../core';
import { didYouMean } from './closest';

/** A schema of what users write, whatever that is, for what the engine works with. */
export type Schema<Output> = z.ZodType<Output, z.ZodTypeDef, unknown>;

const ARTICLES: Record<string, string> = {
	array: 'a list',
	object: 'an object',
	integer: 'a whole number',
};

/** Messages that go on after the path: `steps[1].retry.maxAttempts: must be a whole number`. */
export const plainWords: z.ZodErrorMap = (issue, context) => {
	if (issue.code === 'invalid_type') {
		if (issue.received === 'undefined') return { message: 'is required' };
		// An enum that gets something other than a text reports its words as if they were a type.
		const words = issue.expected.split(' | ').map((word) => word.replace(/'/g, ''));
		if (words.length > 1) return { message: `must be one of ${words.join(', ')}` };
		return { message: `must be ${ARTICLES[issue.expected] ?? `a ${issue.expected}`}` };
	}
	if (issue.code === 'invalid_enum_value') {
		const guess = didYouMean(String(issue.received), issue.options.map(String));
		return { message: `must be one of ${issue.options.join(', ')}${guess}` };
	}
	if (issue.code === 'invalid_literal') return { message: `must be ${show(issue.expected)}` };
	return { message: context.defaultError };
};

/**
 * A schema that is chosen by looking at the value. Unlike a union, whose message lists what is wrong
 * with every form it could have had, its errors are about the form that was meant.
 *
 * @param choose - must not throw, whatever the value
 */
export function chosen<Output>(choose: (value: unknown) => Schema<Output>): Schema<Output> {
	return z.unknown().transform((value, context): Output => {
		const result = choose(value).safeParse(value, { errorMap: plainWords });
		if (result.success) return result.data;
		for (const issue of result.error.issues) context.addIssue(issue);
		return z.NEVER;
	});
}

/**
 * A schema that refuses every value with one message.
 *
 * @param path - the part of the value that is wrong. Default: the value itself
 */
export function refuse(message: string, path: string[] = []): Schema<never> {
	return z.unknown().transform((_, context): never => {
		context.addIssue({ code: 'custom', message, path });
		return z.NEVER;
	});
}
