import { z } from 'zod';

import { isJsonObject, jsonSchemaProblems, ValidationError, type JsonObject } from '../../core';
import { named } from '../named';
import type { StepKind } from '../stepKind';

const schema = z.custom<JsonObject>(isJsonObject, 'must be a JSON Schema, an object');

/**
 * Lets data through that fits a JSON Schema; other data fails the step, with everything that does
 * not fit and where. To go on elsewhere, let a step depend on it with `optional`, or branch on its
 * status.
 */
export const validateKind: StepKind<{ schema: JsonObject }> = {
	kind: 'validate',
	parameters: named({ schema }),
	raw: ['schema'],
	execute: ({ parameters, input, step }) => {
		const problems = jsonSchemaProblems(parameters.schema, input);
		if (problems.length === 0) return input;
		throw new ValidationError(
			`The data of step "${step.id}" is not valid: ${problems.join('; ')}.`,
			{
				details: { problems },
				hint: 'Change what the step before it gives, or the schema.',
			},
		);
	},
};
