import type { Json } from '../../core';

/** Where in a run something is asked. */
export interface TapePlace {
	runId: string;
	/** Path of the step. */
	path: string;
}

/** What is asked: of which port, of which of its kind, and how. */
export interface TapeQuestion {
	/** `model`, `tool`, `search`, `http`, `person`, `thread` or `agent`. */
	port: string;
	name: string;
	request: Json;
}

/** Stands between a run and the world: it notes what the world answers, or answers in its place. */
export interface Tape {
	/**
	 * @param ask - asks the world
	 * @returns the answer; it must be plain JSON
	 */
	play<Value>(place: TapePlace, question: TapeQuestion, ask: () => Promise<Value>): Promise<Value>;
}

/** Neither notes nor answers anything. */
export const noTape: Tape = { play: async (_place, _question, ask) => await ask() };
