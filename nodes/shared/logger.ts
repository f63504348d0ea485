import type { FunctionsBase } from 'n8n-workflow';

import { boundLogger } from '../../lib';
import type { Logger } from '../../lib';

/** n8n's own log, each line marked with the node it came from. */
export function nodeLogger(context: Pick<FunctionsBase, 'logger' | 'getNode'>): Logger {
	const { name, type } = context.getNode();
	return boundLogger(
		{ log: (level, message, fields) => context.logger[level](message, { ...fields }) },
		{ node: name, nodeType: type },
	);
}
