import type { Usage } from '../core';
import type { RunStatus, StepStatus } from '../run';

/** A run as a reader sees it: whatever it was started by, one shape for the page and for events. */
export interface RunPicture {
	runId: string;
	/** What people call it: the name of its workflow, or the run key. */
	name: string;
	status: RunStatus;
	/** 0 to 100. */
	progress: number;
	/** What it said last of itself. */
	message?: string;
	/** Milliseconds since the epoch, like every time here. */
	createdAt: number;
	updatedAt: number;
	endedAt?: number;
	usage: Usage;
	/** What recorded results have saved, when there is anything to tell. */
	saved?: { steps: number; usage: Usage };
	error?: PictureError;
	/** When a budget ended work, or cut it short; oldest first. */
	budgetReached: ReadonlyArray<{ at: number; error: PictureError }>;
	steps: readonly StepPicture[];
	reviews: readonly ReviewPicture[];
	checkpoints: readonly CheckpointPicture[];
}

/** One execution of a step. */
export interface StepPicture {
	/** Unique in the run, e.g. `refine#2`. */
	path: string;
	/** What kind of work it is, e.g. `agent`. */
	kind?: string;
	status: StepStatus;
	/** Attempts started so far. */
	attempts: number;
	/** Paths of the steps that lead to it. */
	after: readonly string[];
	startedAt?: number;
	endedAt?: number;
	/** What it waits for, as a sentence. */
	blockedBy?: string;
	/** How far it got, in its own words. */
	message?: string;
	usage?: Usage;
	/** Its result was taken from the record. */
	reused: boolean;
	error?: PictureError;
}

/** Why something failed. */
export interface PictureError {
	code?: string;
	/** What kind of failure it is, e.g. `budget`. */
	errorClass?: string;
	message: string;
	/** What to do about it. */
	hint?: string;
}

/** A question to people that is open. */
export interface ReviewPicture {
	requestId: string;
	title: string;
	openedAt: number;
	/** When it ends without an answer. */
	deadlineAt?: number;
	/** How many votes are in, when it is decided by votes. */
	votes?: number;
	/** Names of those whose answers are missing. */
	waitingFor?: readonly string[];
	/** Where they answer: keys, to be shown only to readers who may decide in their name. */
	links?: ReadonlyArray<{ who: string; url: string }>;
	/** The part of the page's own address where it is answered: a key, too. */
	answerAt?: string;
}

/** A state that the run can be taken back to. */
export interface CheckpointPicture {
	name: string;
	at: number;
}

/** A run in a list. */
export type RunLine = Pick<
	RunPicture,
	| 'runId'
	| 'name'
	| 'status'
	| 'progress'
	| 'message'
	| 'createdAt'
	| 'updatedAt'
	| 'endedAt'
	| 'usage'
>;
