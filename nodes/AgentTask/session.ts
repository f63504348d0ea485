import type { ChatModel, ModelSession, ModelTimeouts } from '../../lib';
import { answerCache, messageOf, modelSession } from '../../lib';
import { endpoints } from '../shared/endpoints';
import { nodeLogger } from '../shared/logger';
import { n8nRuntime } from '../shared/runtime';
import { priceTable } from './budget';
import type { ItemRun } from './itemContext';
import type { Parameters } from './parameters';

/** The models that judge: all of them in their order, or the last one first. */
export function judges(models: ChatModel[], which: 'first' | 'last'): ChatModel[] {
	return which === 'first' ? models : [...models].reverse();
}

/** The way of one item to its models. */
export function openSession(item: ItemRun, models: ChatModel[]): ModelSession {
	const { context, source, store, budget } = item;
	const { options } = item.parameters;
	const { cacheMinutes } = options;
	const logger = nodeLogger(context);
	return modelSession({
		models,
		runtime: n8nRuntime,
		retry: {
			maxAttempts: options.maxAttempts,
			initialDelayMs: options.initialDelaySeconds * 1000,
		},
		timeouts: timeoutsOf(options),
		endpoints,
		budget,
		prices: priceTable(options),
		...(options.requestsPerMinute > 0 ? { requestsPerMinute: options.requestsPerMinute } : {}),
		...(cacheMinutes > 0
			? { cache: answerCache({ store, runtime: n8nRuntime, ttlMs: cacheMinutes * 60_000 }) }
			: {}),
		onFailure: ({ model, error, next }) =>
			logger.log('warn', 'A model call failed', {
				model,
				next,
				message: source.redact.text(messageOf(error)),
			}),
	});
}

function timeoutsOf(options: Parameters['options']): ModelTimeouts {
	const { attemptTimeoutSeconds, idleTimeoutSeconds, totalTimeoutSeconds } = options;
	return {
		...(attemptTimeoutSeconds > 0 ? { attemptMs: attemptTimeoutSeconds * 1000 } : {}),
		...(idleTimeoutSeconds > 0 ? { idleMs: idleTimeoutSeconds * 1000 } : {}),
		...(totalTimeoutSeconds > 0 ? { totalMs: totalTimeoutSeconds * 1000 } : {}),
	};
}
