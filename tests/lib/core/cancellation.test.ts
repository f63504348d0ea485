import { AbortError, CancellationScope, type Cause } from '../../../lib';

const cause: Cause = { kind: 'user', message: 'Stop it.', at: 1 };

describe('a cancellation scope', () => {
	it('is cancelled with its cause, once', () => {
		const scope = new CancellationScope();
		expect([scope.cancelled, scope.cause]).toEqual([false, undefined]);
		scope.cancel(cause);
		scope.cancel({ ...cause, kind: 'timeout' });
		expect([scope.cancelled, scope.cause]).toEqual([true, cause]);
	});

	it('reaches everything below it, and nothing beside it', () => {
		const run = new CancellationScope();
		const step = run.child();
		const call = step.child();
		const other = run.child();
		step.cancel(cause);
		expect([run, step, call, other].map(({ cancelled }) => cancelled)).toEqual([
			false,
			true,
			true,
			false,
		]);
		run.cancel({ ...cause, message: 'All of it.' });
		expect(other.cause?.message).toBe('All of it.');
		expect(call.cause).toBe(cause);
	});

	it('does not reach a shielded scope, which can be cancelled by itself', () => {
		const run = new CancellationScope();
		const cleanup = run.shielded();
		run.cancel(cause);
		expect(cleanup.cancelled).toBe(false);
		cleanup.cancel(cause);
		expect(cleanup.cancelled).toBe(true);
	});

	it('is cancelled from the start below a cancelled one', () => {
		const run = new CancellationScope();
		run.cancel(cause);
		expect(run.child().cause).toBe(cause);
	});

	it('forgets a closed child', () => {
		const run = new CancellationScope();
		const step = run.child();
		step.close();
		run.cancel(cause);
		expect(step.cancelled).toBe(false);
		expect(() => new CancellationScope().close()).not.toThrow();
	});

	it('hands out a signal that aborts with an error that says why', () => {
		const scope = new CancellationScope();
		const { signal } = scope;
		expect(scope.signal).toBe(signal);
		expect(signal.aborted).toBe(false);
		scope.cancel(cause);
		expect(signal.reason).toBeInstanceOf(AbortError);
		expect(signal.reason).toMatchObject({ message: 'Stop it.', details: { cause } });
	});

	it('hands out an aborted signal after the cancel', () => {
		const scope = new CancellationScope();
		scope.cancel(cause);
		expect(scope.signal.aborted).toBe(true);
		expect(scope.signal.reason).toMatchObject({ message: 'Stop it.' });
	});

	it('tells listeners once, late ones at once, and not those that left', () => {
		const scope = new CancellationScope();
		const heard: string[] = [];
		scope.onCancel(({ message }) => void heard.push(`first ${message}`));
		const leave = scope.onCancel(() => void heard.push('left'));
		leave();
		scope.cancel(cause);
		scope.cancel(cause);
		const leaveLate = scope.onCancel(() => void heard.push('late'));
		expect(leaveLate()).toBeUndefined();
		expect(heard).toEqual(['first Stop it.', 'late']);
	});

	it('throws its cause at whoever checks', () => {
		const scope = new CancellationScope();
		expect(() => scope.throwIfCancelled()).not.toThrow();
		scope.cancel(cause);
		expect(() => scope.throwIfCancelled()).toThrow('Stop it.');
	});
});
