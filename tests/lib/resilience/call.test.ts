import { AbortError, TimeoutError } from '../../../lib/core';
import { CallScope, abortErrorOf, throwIfCancelled } from '../../../lib/resilience/call';

/** An event target that counts its listeners. */
function countingSignal(): { controller: AbortController; listeners: () => number } {
	const controller = new AbortController();
	const { signal } = controller;
	let count = 0;
	const [add, remove] = [
		signal.addEventListener.bind(signal),
		signal.removeEventListener.bind(signal),
	];
	signal.addEventListener = (...args: Parameters<typeof add>) => {
		count++;
		add(...args);
	};
	signal.removeEventListener = (...args: Parameters<typeof remove>) => {
		count--;
		remove(...args);
	};
	return { controller, listeners: () => count };
}

describe('CallScope', () => {
	it('follows the signal of the caller, with its reason', () => {
		const upstream = new AbortController();
		const scope = new CallScope(1, upstream.signal);
		expect(scope.signal.aborted).toBe(false);
		upstream.abort('enough');
		expect(scope.signal.aborted).toBe(true);
		expect(scope.signal.reason).toBe('enough');
		expect(scope.isAborted).toBe(false);
	});

	it('has an aborted signal when the caller had aborted before anybody asked', () => {
		const upstream = new AbortController();
		const scope = new CallScope(1, upstream.signal);
		upstream.abort('early');
		expect(scope.signal.reason).toBe('early');
	});

	it('can be aborted alone, before and after somebody asked for the signal', () => {
		const upstream = new AbortController();
		const [early, late] = [new CallScope(1, upstream.signal), new CallScope(2)];
		early.abort('a');
		expect(early.signal.aborted).toBe(true);
		expect(early.signal.reason).toBe('a');
		const { signal } = late;
		expect(signal.aborted).toBe(false);
		late.abort('b');
		expect(signal.reason).toBe('b');
		expect(late.isAborted).toBe(true);
		expect(upstream.signal.aborted).toBe(false);
	});

	it('always gives the same signal', () => {
		const scope = new CallScope(1);
		expect(scope.signal).toBe(scope.signal);
	});

	it('leaves no listener behind once closed, and none when nobody asked', () => {
		const { controller, listeners } = countingSignal();
		const [asked, silent] = [
			new CallScope(1, controller.signal),
			new CallScope(1, controller.signal),
		];
		expect(asked.signal.aborted).toBe(false);
		expect(listeners()).toBe(1);
		asked.close();
		silent.close();
		const alone = new CallScope(1);
		expect(alone.signal.aborted).toBe(false);
		alone.close();
		expect(listeners()).toBe(0);
		controller.abort();
		expect(asked.signal.aborted).toBe(false);
	});

	it('notes activity only once it is tracked', () => {
		const clock = { now: 5, monotonic: () => clock.now };
		const scope = new CallScope(1);
		scope.activity();
		expect(scope.lastActivityAt).toBe(0);
		scope.trackActivity(clock);
		expect(scope.lastActivityAt).toBe(5);
		clock.now = 9;
		scope.activity();
		expect(scope.lastActivityAt).toBe(9);
	});
});

describe('throwIfCancelled', () => {
	it('says nothing without a signal or before it aborts', () => {
		expect(() => throwIfCancelled(undefined)).not.toThrow();
		expect(() => throwIfCancelled(new AbortController().signal)).not.toThrow();
	});

	it('throws an abort error with the reason as its cause', () => {
		const signal = AbortSignal.abort('closed');
		expect(() => throwIfCancelled(signal)).toThrow(AbortError);
		expect(abortErrorOf(signal)).toMatchObject({ errorClass: 'abort', cause: 'closed' });
	});

	it("throws the signal's own engine error as it is", () => {
		const reason = new TimeoutError('Too late.');
		expect(abortErrorOf(AbortSignal.abort(reason))).toBe(reason);
	});
});
