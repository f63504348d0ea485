import { ValidationError } from '../core';

/** States, and where each event leads from them. */
export interface MachineDefinition<State extends string, Event extends string> {
	initial: State;
	/** A state without events is final. */
	states: Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>>;
}

/** A plain state machine: a table that is looked up. */
export interface Machine<State extends string, Event extends string> {
	readonly initial: State;
	/** @returns the next state; the same one when the event means nothing in it */
	transition(state: State, event: Event): State;
	/** Whether the event leads anywhere from this state. */
	can(state: State, event: Event): boolean;
	/** Whether no event leads out of this state. */
	isFinal(state: State): boolean;
}

/**
 * Makes a state machine without timers, actions or memory: a function from state and event to state.
 *
 * @throws {ValidationError} when a state leads to one that does not exist
 */
export function defineMachine<State extends string, Event extends string>(
	definition: MachineDefinition<State, Event>,
): Machine<State, Event> {
	const table = new Map<string, ReadonlyMap<string, State>>();
	for (const [state, events] of Object.entries<Partial<Record<Event, State>>>(definition.states)) {
		table.set(state, new Map(Object.entries(events) as Array<[string, State]>));
	}
	assertKnown(table, definition.initial, 'The initial state');
	for (const [state, events] of table) {
		for (const [event, target] of events) assertKnown(table, target, `${state} → ${event}`);
	}
	return {
		initial: definition.initial,
		transition: (state, event) => table.get(state)!.get(event) ?? state,
		can: (state, event) => table.get(state)!.has(event),
		isFinal: (state) => table.get(state)!.size === 0,
	};
}

function assertKnown(table: ReadonlyMap<string, unknown>, state: string, where: string): void {
	if (table.has(state)) return;
	throw new ValidationError(`${where} leads to "${state}", which is not a state of the machine.`);
}
