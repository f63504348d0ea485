import type { EventSink, Logger, Runtime } from '../core';
import type { ResourcePool } from '../resources';
import type { Store } from '../store';
import type { AnyStepKind } from '../workflow';
import type { LocalRuns } from './localRuns';
import type { Metrics } from './metrics';

/** What a manager works with. */
export interface WorkflowManagerOptions {
	runtime: Runtime;
	/** Where workflows and executions live. Default: the memory of this process. */
	store?: Store;
	/** Step kinds besides the built-in ones, e.g. `httpKind(client)`. */
	kinds?: readonly AnyStepKind[];
	/** What the steps of all executions take their resources from. */
	pool?: ResourcePool;
	/** Receive the events of all executions. */
	sinks?: readonly EventSink[];
	/** Where to count what runs do. Default: counters of this manager's own. */
	metrics?: Metrics;
	logger?: Logger;
	/** Names this process to others that share the store. Default: a new id. */
	owner?: string;
	/** How often an execution whose process died may be taken up again. Default 10. */
	maxRecoveries?: number;
	/** What runs in this process; shared by its managers of one store. Default: this manager's own. */
	local?: LocalRuns;
	/** Whose workflows and executions there are, e.g. a hash of a caller's key. Default: everybody's. */
	caller?: string;
	/**
	 * Whether to let go of executions that wait for people or a time alone: whoever answers goes on
	 * with them, in any process. Default false: they stay in memory.
	 */
	releaseWaiting?: boolean;
	/** Whether to keep the events of executions in the store; see `events`. Default false. */
	keepEvents?: boolean;
}
