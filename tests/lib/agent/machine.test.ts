import { defineMachine } from '../../../lib';

describe('a state machine', () => {
	const door = defineMachine({
		initial: 'closed',
		states: {
			closed: { open: 'opened', lock: 'locked' },
			opened: { close: 'closed', burn: 'ashes' },
			locked: { unlock: 'closed' },
			ashes: {},
		},
	});

	it('goes where the table says, and stays where an event means nothing', () => {
		expect(door.initial).toBe('closed');
		expect(door.transition('closed', 'open')).toBe('opened');
		expect(door.transition('locked', 'open')).toBe('locked');
	});

	it('says which events lead anywhere, and which states are final', () => {
		expect([door.can('closed', 'lock'), door.can('closed', 'burn')]).toEqual([true, false]);
		expect([door.isFinal('closed'), door.isFinal('ashes')]).toEqual([false, true]);
	});

	it('refuses states that do not exist', () => {
		expect(() => defineMachine({ initial: 'x' as 'a', states: { a: {} } })).toThrow(
			'The initial state leads to "x", which is not a state of the machine.',
		);
		expect(() => defineMachine({ initial: 'a', states: { a: { go: 'b' as 'a' } } })).toThrow(
			'a → go leads to "b", which is not a state of the machine.',
		);
	});
});
