import { serializeError, toJson, type Json, type Runtime } from '../../core';
import type { Store } from '../../store';
import type { RecordedCall } from './recording';
import type { Tape, TapePlace, TapeQuestion } from './tape';

/** Where the notes of recorders are kept until their run is removed. */
export const CALLS = 'recorded-calls';

/** What {@link Recorder} needs. */
export interface RecorderOptions {
	store: Store;
	runtime: Runtime;
	/** When a run that is to be recorded began; `undefined` for any other run. Asked once a run. */
	startOf(runId: string): Promise<number | undefined>;
	/** Takes secrets out of what is noted. Default: as it is. */
	redact?: (value: Json) => Json;
}

/**
 * Notes everything a run is told from outside: answers of models, tools, searches, services and
 * people. Several processes may work on one run; each notes its part.
 */
export class Recorder implements Tape {
	private readonly starts = new Map<string, Promise<number | undefined>>();
	private count = 0;

	constructor(private readonly options: RecorderOptions) {}

	async play<Value>(
		place: TapePlace,
		question: TapeQuestion,
		ask: () => Promise<Value>,
	): Promise<Value> {
		const start = await this.startOf(place.runId);
		if (start === undefined) return await ask();
		const { runtime } = this.options;
		const askedAt = runtime.now();
		const asking = ask();
		const told = await asking.then(
			(response) => ({ response: toJson(response) }),
			(error: unknown) => ({ error: serializeError(error) }),
		);
		await this.note(place, {
			path: place.path,
			...question,
			atMs: askedAt - start,
			tookMs: runtime.now() - askedAt,
			...told,
		});
		return await asking;
	}

	private async note({ runId }: TapePlace, call: RecordedCall): Promise<void> {
		const { store, runtime, redact = (same) => same } = this.options;
		// In the order of time; what happens at the same time, in the order of this process.
		const place = `${String(call.atMs).padStart(15, '0')}-${String(this.count++).padStart(9, '0')}`;
		await store.put({
			collection: CALLS,
			id: `${runId}/${place}-${runtime.newId()}`,
			version: 0,
			value: JSON.stringify(redact(toJson(call))),
			runId,
		});
	}

	private async startOf(runId: string): Promise<number | undefined> {
		let start = this.starts.get(runId);
		if (start === undefined) {
			start = this.options.startOf(runId);
			this.starts.set(runId, start);
			start.catch(() => this.starts.delete(runId));
		}
		return await start;
	}
}
