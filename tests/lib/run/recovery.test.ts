import fc from 'fast-check';

import { memoryStore, openLedger, type Store } from '../../../lib';
import { TestClock } from '../store/contract';
import { ManualRuntime } from '../store/manualRuntime';

type Event =
	| { kind: 'started'; step: number }
	| { kind: 'failed'; step: number }
	| { kind: 'completed'; step: number; output: number };

const event: fc.Arbitrary<Event> = fc.oneof(
	fc.record({ kind: fc.constantFrom('started' as const, 'failed' as const), step: fc.nat(4) }),
	fc.record({ kind: fc.constant('completed' as const), step: fc.nat(4), output: fc.nat(99) }),
);

const error = { code: 'X', errorClass: 'server' as const, message: 'no', retryable: true };
const runtime = new ManualRuntime();

async function record(store: Store, events: readonly Event[]): Promise<void> {
	const ledger = await openLedger({ store, runtime, runId: 'r', writeAhead: true });
	for (const [order, entry] of events.entries()) {
		const path = `step/${entry.step}`;
		if (entry.kind === 'started') await ledger.started(path, 'h', order + 1);
		else if (entry.kind === 'failed') await ledger.failed(path, 'h', order + 1, error);
		else {
			const { output } = entry;
			await ledger.completed(path, 'h', { output, attempt: order + 1, order: order + 1 });
		}
	}
}

/** What a run knows: per step its status, and its result if it is done. */
async function stateOf(store: Store): Promise<Record<string, unknown>> {
	const ledger = await openLedger({ store, runtime, runId: 'r' });
	const state: Record<string, unknown> = {};
	for (const { record: known } of ledger.entries()) {
		const entry = await ledger.find(known.path, 'h');
		state[known.path] = [entry?.status, entry?.result?.output];
	}
	return state;
}

describe('recovery', () => {
	it('from any prefix of the log gives a state that the uninterrupted run has had', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
				const whole = memoryStore(new TestClock());
				await record(whole, events);
				const rows = await whole.read('r');
				for (let length = 0; length <= rows.length; length++) {
					const crashed = memoryStore(new TestClock());
					await crashed.append(rows.slice(0, length).map(({ body }) => ({ runId: 'r', body })));
					const uninterrupted = memoryStore(new TestClock());
					await record(uninterrupted, events.slice(0, length));
					expect(await stateOf(crashed)).toEqual(await stateOf(uninterrupted));
				}
			}),
			{ numRuns: 100 },
		);
	});

	it('never loses a result, whatever is recorded after it', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(event, { maxLength: 20 }), async (events) => {
				const store = memoryStore(new TestClock());
				await record(store, events);
				const state = await stateOf(store);
				for (const { kind, step } of events) {
					if (kind === 'completed')
						expect(state[`step/${step}`]).toMatchObject(['completed', expect.any(Number)]);
				}
			}),
			{ numRuns: 200 },
		);
	});
});
