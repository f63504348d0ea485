import type { Cause, Timer } from '../core';
import type { RetryPolicy } from '../resilience';
import type { StepRecord, Suspension } from '../run';

/** Somebody is asked something, and the body waits for the answer. */
export interface OpenRequest {
	suspension: Suspension;
	/** An answer that is being recorded. */
	answer?: { value: unknown };
	/** Undefined after a restart, until the body asks again. */
	waiters?: Array<{ resolve: (value: unknown) => void; reject: (error: Error) => void }>;
	timer?: Timer;
}

/** What few steps need, so that the others do not carry it. */
export interface StepExtras {
	/** By name, with the hash of what was shown when something was. */
	answers?: Map<string, unknown>;
	/** Waits whose time ran out while no body was there to hear of it. */
	unanswered?: Map<string, Error>;
	requests?: Map<string, OpenRequest>;
	heartbeat?: unknown;
	/** Restored while it waited: when it gives up on dependencies, by their ids. */
	givesUpAt?: Readonly<Record<string, number>>;
	nextAttemptAt?: number;
	/** Restored while backing off: does not start before, in milliseconds since the epoch. */
	resumeAt?: number;
	/** The pause before the attempt under way, in milliseconds. */
	delayMs?: number;
	/** The back-off or schedule-to-start timer. */
	timer?: Timer;
	policy?: RetryPolicy;
	/** Attempts spent before a person allowed more. */
	attemptBase?: number;
	/** When it became ready, by the monotonic clock. */
	scheduledAt?: number;
	/** When its first attempt began, by the monotonic clock. */
	firstStartAt?: number;
	/** Paths of executions that named this one. */
	namedBy?: string[];
	/** While parked: where in the list of steps the last one was found that may name it. */
	watched?: number;
	/** Named again while it was busy: who will have named the next execution. */
	againBy?: string[];
	/** Earlier executions. */
	history?: StepRecord[];
	/** How far the attempt says it is, 0 to 1. */
	fraction?: number;
	/** The journal is being asked about it; identifies the question. */
	lookup?: object;
	/** Cancelled before the journal was asked: unless it knows a result. */
	cancelLater?: Cause;
	/** An earlier process had begun it and never told how it went: it may have done something. */
	isUnknown?: boolean;
	/** Completed in another run, from which this one was restored. */
	foreign?: boolean;
	/** How often it had to make room. */
	preemptions?: number;
	/** Gives up its wait for a place, or the place it was granted and has not taken. */
	withdraw?: () => void;
	/** Tells all who ask for it that nobody needs the answers any more. */
	closeRequests?: () => void;
}
