import type { StepRecord } from '../run';
import type { Edge, Step } from './step';

/**
 * The current execution of a step as plain data; JSON, as far as its output is.
 *
 * @param compensation - how far undoing it is, if it can be undone
 */
export function recordOf(
	step: Step,
	compensation?: 'pending' | 'running' | 'done' | 'failed',
): StepRecord {
	const { id, path, iteration, attempt, startedAt, rare } = step;
	const base = {
		stepId: id,
		path,
		iteration,
		attempt,
		...(startedAt === 0 ? {} : { startedAt }),
		...(rare?.answers === undefined ? {} : { answers: Object.fromEntries(rare.answers) }),
		...(rare?.heartbeat === undefined ? {} : { heartbeat: rare.heartbeat }),
		...(rare?.preemptions === undefined ? {} : { preemptions: rare.preemptions }),
		...waitsOf(step),
		...(rare?.namedBy === undefined ? {} : { namedBy: rare.namedBy }),
		...(rare?.againBy === undefined ? {} : { againBy: rare.againBy }),
	};
	const { endedAt } = step;
	switch (step.status) {
		case 'backing_off': {
			const nextAttemptAt = rare!.nextAttemptAt ?? endedAt;
			return { ...base, status: step.status, nextAttemptAt, error: step.error! };
		}
		case 'waiting': {
			const waitsFor = [...rare!.requests!.values()].map(({ suspension }) => suspension);
			return { ...base, status: step.status, waitsFor };
		}
		case 'completed':
			return {
				...base,
				status: step.status,
				endedAt,
				output: step.output,
				order: step.order,
				...(step.next === undefined ? {} : { next: [...step.next] }),
				...(step.reused ? { reused: true } : {}),
				...(step.told ? {} : { untold: true }),
				...(step.definition.compensate === undefined ? {} : { input: step.input }),
				...(compensation === undefined ? {} : { compensation }),
			};
		case 'failed':
		case 'timed_out': {
			const cause = step.cause === undefined ? {} : { cause: step.cause };
			return { ...base, status: step.status, endedAt, error: step.error!, ...cause };
		}
		case 'skipped':
		case 'cancelled':
			return { ...base, status: step.status, endedAt, cause: step.cause! };
		default:
			return { ...base, status: step.status };
	}
}

/** What is known of its dependencies that their own records do not say. */
function waitsOf({ wiring }: Step): Pick<StepRecord, 'givesUpAt' | 'used'> {
	if (wiring === undefined) return {};
	const givesUpAt = byId(wiring.incoming, ({ giveUpAt }) => giveUpAt);
	const used = byId(wiring.incoming, (edge) => (edge.used > 0 ? edge.used : undefined));
	return { ...(givesUpAt && { givesUpAt }), ...(used && { used }) };
}

function byId(
	edges: readonly Edge[],
	valueOf: (edge: Edge) => number | undefined,
): Record<string, number> | undefined {
	const entries = edges.flatMap((edge) => {
		const value = valueOf(edge);
		return value === undefined ? [] : [[edge.from.id, value] as const];
	});
	return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
