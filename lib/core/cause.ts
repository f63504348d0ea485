/** How urgent work is. Higher classes go first; waiting work ages upwards. */
export type Priority = 'low' | 'normal' | 'high' | 'critical';

/** Why something was stopped or skipped; carried by every cancel so that its origin is visible. */
export interface Cause {
	kind:
		| 'user'
		| 'timeout'
		| 'budget'
		| 'dependency'
		| 'sibling'
		| 'preempted'
		| 'shutdown'
		| 'superseded'
		| 'breaker'
		| 'quota';
	/** The step that led to it, when there is one. */
	byStepId?: string;
	/** One sentence for people. */
	message: string;
	/** Milliseconds since the epoch. */
	at: number;
}
