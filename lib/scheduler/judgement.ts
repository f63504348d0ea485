import { isStepEnded } from '../run';
import { conditionHolds } from './condition';
import { lastCompleted } from './parents';
import type { RunCore } from './runCore';
import { isStale } from './staleness';
import type { Edge, Group, Step } from './step';

/**
 * What a look at a gate found. `expired`: the dependency has to run again. `never`: the gate cannot
 * open any more, and its step is skipped.
 */
export type Verdict = 'open' | 'closed' | 'blocked' | 'expired' | 'never';

/** Looks at a dependency that is a gate of its own. */
export function judgeEdge(run: RunCore, edge: Edge): Verdict {
	const { config } = edge;
	const verdict = judgeType(run, edge);
	if (verdict !== 'open' || config.condition === undefined) return verdict;
	if (conditionHolds(run, edge.to, config.condition)) return 'open';
	run.conditionals.add(edge.to);
	return 'blocked';
}

function judgeType(run: RunCore, edge: Edge): Verdict {
	const { from } = edge;
	const ended = from.armed && from.told && isStepEnded(from.status);
	switch (edge.config.type) {
		case 'parallel':
		case 'conditional':
			return 'open';
		case 'sequential':
			return ended ? 'open' : 'closed';
		case 'optional':
			return ended || !from.armed || from.status === 'blocked' ? 'open' : 'closed';
		case 'timeout':
			edge.timedOut = ended && from.status !== 'completed';
			return ended ? 'open' : 'closed';
		default:
			return judgeRequired(run, edge, ended);
	}
}

function judgeRequired(run: RunCore, edge: Edge, ended: boolean): Verdict {
	const { from, config } = edge;
	// For ever is for ever: whatever became of later executions.
	if (config.lifecycle === 'once' && hasCompleted(from)) return 'open';
	if (!ended) return 'closed';
	if (from.status !== 'completed') return 'never';
	if (!isStale(edge, run.now())) return 'open';
	if (edge.renewed || from.definition.restartable === false) return 'blocked';
	return 'expired';
}

/** Whether any execution of it has completed, and its dependents could know. */
function hasCompleted(step: Step): boolean {
	return (step.told && step.status === 'completed') || lastCompleted(step) !== undefined;
}

/** Looks at dependencies that are one gate. */
export function judgeGroup(run: RunCore, group: Group): Verdict {
	let completed = 0;
	let open = 0;
	for (const { from, to, config } of group.members) {
		if (!from.armed || !from.told || !isStepEnded(from.status)) open++;
		else if (from.status === 'completed') {
			const { condition } = config;
			if (condition === undefined || conditionHolds(run, to, condition)) completed++;
		}
	}
	const failed = group.members.length - completed - open;
	if (group.type === 'and') return failed > 0 ? 'never' : open === 0 ? 'open' : 'closed';
	if (group.type === 'or') return completed > 0 ? 'open' : open === 0 ? 'never' : 'closed';
	if (completed > 1) return 'blocked';
	if (open > 0) return 'closed';
	return completed === 1 ? 'open' : 'never';
}
