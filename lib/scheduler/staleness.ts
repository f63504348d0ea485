import type { Edge } from './step';

/**
 * Whether the completion of a required dependency no longer counts for the execution of its
 * dependent that is about to start.
 *
 * @param now - milliseconds since the epoch
 */
export function isStale(edge: Edge, now: number): boolean {
	const { from, used, config } = edge;
	switch (config.lifecycle) {
		case 'once':
			return false;
		case 'session':
			return from.rare?.foreign === true;
		case 'temporary':
			return now - from.endedAt > config.expiryMs!;
		case 'periodic':
			return now - from.endedAt > (config.expiryMs ?? config.intervalMs!);
		default:
			return from.order <= used;
	}
}
