import { z } from 'zod';

import type { Json } from '../../core';
import { named } from '../named';
import type { StepKind } from '../stepKind';

/**
 * Gives data another form: `value` is a template, its result the output. Without it, the input goes
 * through as it is.
 */
export const transformKind: StepKind<{ value?: Json }> = {
	kind: 'transform',
	parameters: named({ value: z.custom<Json>().optional() }, { aliases: { output: 'value' } }),
	execute: ({ parameters: { value }, input }) => (value === undefined ? input : value),
};
