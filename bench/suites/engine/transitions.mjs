import { createMachine, interpret, state, transition } from 'robot3';
import { createActor, setup } from 'xstate';

import { defineMachine } from '../../engine/lib/index.js';
import { interleave } from '../../support/measure.mjs';
import { aheadOf, atMost, row } from '../../support/rows.mjs';

const N = 100_000;
const EVENTS = ['START', 'DONE', 'RESET'];

const machine = defineMachine({
	initial: 'idle',
	states: { idle: { START: 'working' }, working: { DONE: 'done' }, done: { RESET: 'idle' } },
});

const xstateMachine = setup({}).createMachine({
	initial: 'idle',
	states: {
		idle: { on: { START: 'working' } },
		working: { on: { DONE: 'done' } },
		done: { on: { RESET: 'idle' } },
	},
});

const robotMachine = createMachine({
	idle: state(transition('START', 'working')),
	working: state(transition('DONE', 'done')),
	done: state(transition('RESET', 'idle')),
});

/** State transitions of a machine without timers. */
export async function transitions() {
	const measured = await interleave({
		ours: {
			ops: N,
			run: () => {
				let current = machine.initial;
				for (let index = 0; index < N; index++)
					current = machine.transition(current, EVENTS[index % 3]);
				if (current !== 'working') throw new Error(`Ended in ${current}.`);
			},
		},
		'xstate actor.send': {
			ops: N,
			run: () => {
				const actor = createActor(xstateMachine).start();
				const events = EVENTS.map((type) => ({ type }));
				for (let index = 0; index < N; index++) actor.send(events[index % 3]);
				actor.stop();
			},
		},
		'robot3 send': {
			ops: N,
			run: () => {
				const service = interpret(robotMachine, () => {});
				for (let index = 0; index < N; index++) service.send(EVENTS[index % 3]);
			},
		},
	});
	return [
		row('transition', 'us', measured, [atMost(0.1), aheadOf('xstate actor.send', 'robot3 send')]),
	];
}
