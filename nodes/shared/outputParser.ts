import type { OutputFormat } from '../../lib';
import { messageOf, toJson, ValidationError } from '../../lib';

/** An Output Parser sub-node's object, as far as it is used here. */
interface AttachedParser {
	parse(text: string): Promise<unknown>;
	getFormatInstructions?(): string;
}

/**
 * The form of answers that an Output Parser sub-node reads.
 *
 * @throws {ValidationError} when none is attached
 */
export function parserOutput(attached: unknown): OutputFormat {
	if (!isParser(attached)) {
		throw new ValidationError('An Output Parser must be connected.', {
			hint: 'Attach an Output Parser below this node, or choose another Output.',
		});
	}
	return {
		instructions: attached.getFormatInstructions?.() ?? '',
		responseFormat: { type: 'json' },
		read: async (text) =>
			await attached.parse(text).then(
				(value) => ({ ok: true as const, value: toJson(value) }),
				(error: unknown) => ({ ok: false as const, problem: messageOf(error) }),
			),
	};
}

function isParser(value: unknown): value is AttachedParser {
	return (
		typeof value === 'object' &&
		value !== null &&
		'parse' in value &&
		typeof value.parse === 'function'
	);
}
