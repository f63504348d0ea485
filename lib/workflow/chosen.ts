import { z } from 'zod';

/**
 * A schema that is chosen by looking at the value. Unlike a union, whose message lists what is wrong
 * with every form it could have had, its errors are about the form that was meant.
 *
 * @param choose - must not throw, whatever the value
 */
export function chosen<Output>(
	choose: (value: unknown) => z.ZodType<Output, z.ZodTypeDef, unknown>,
): z.ZodType<Output, z.ZodTypeDef, unknown> {
	return z.unknown().transform((value, context): Output => {
		const result = choose(value).safeParse(value);
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
export function refuse(
	message: string,
	path: string[] = [],
): z.ZodType<never, z.ZodTypeDef, unknown> {
	return z.unknown().transform((_, context): never => {
		context.addIssue({ code: 'custom', message, path });
		return z.NEVER;
	});
}
