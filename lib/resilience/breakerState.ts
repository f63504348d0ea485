import { EngineError } from '../core';

/** `closed`: calls pass; `open`: none does; `half_open`: probes pass; `forced_open`: none, until reset. */
export type BreakerStatus = 'closed' | 'open' | 'half_open' | 'forced_open';

/** What a breaker knows, as plain JSON, to carry it over a restart or to other processes. */
export interface BreakerState {
	schemaVersion: 1;
	key: string;
	status: BreakerStatus;
	/** Times in a row that the circuit opened without closing in between. */
	trips: number;
	/** Milliseconds since the epoch at which probes may start; 0 unless open. */
	probeAt: number;
}

/** The circuit is open: the call was not made and no attempt was spent. */
export class CircuitOpenError extends EngineError {
	constructor(
		readonly key: string,
		/** Monotonic time at which probes may start; Infinity when only a reset helps. */
		readonly probeAt: number,
	) {
		super('CIRCUIT_OPEN', `Calls to "${key}" are stopped because too many of them failed.`, {
			errorClass: 'overloaded',
			retryable: false,
			hint: 'Wait until the service has recovered, or use a fallback.',
			details: { key },
		});
	}
}

/** A state change; for events. */
export interface BreakerChange {
	key: string;
	from: BreakerStatus;
	to: BreakerStatus;
}
