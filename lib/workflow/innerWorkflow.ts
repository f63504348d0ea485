import { z } from 'zod';

import { messageOf } from '../core';
import { chosen, refuse, type Schema } from './chosen';
import type { WorkflowDefinition } from './definition';
import { parseDefinition } from './parseDefinition';

/**
 * Steps inside a step: a list of steps, or a whole workflow without a name.
 *
 * @param order - how steps follow each other that do not say it
 */
export function innerWorkflow(order: WorkflowDefinition['order']): Schema<WorkflowDefinition> {
	return chosen<WorkflowDefinition>((value) => {
		if (typeof value !== 'object' || value === null) return refuse('must be a list of steps');
		const written = Array.isArray(value) ? { steps: value } : value;
		try {
			const inner = parseDefinition({ order, name: 'steps', ...written });
			return z.unknown().transform(() => inner);
		} catch (error) {
			return refuse(messageOf(error));
		}
	});
}
