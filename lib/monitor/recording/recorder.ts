import {
	serializeError,
	toJson,
	type EventSink,
	type Json,
	type RunEvent,
	type Runtime,
} from '../../core';
import type { Store } from '../../store';
import type { RecordedCall } from './recording';
import type { Tape, TapePlace, TapeQuestion } from './tape';

/** Where the notes of recorders are kept until they are exported or their run is removed. */
export const CALLS = 'recorded-calls';
export const EVENTS = 'recorded-events';

/** Events are written together after so long, in milliseconds. */
const EVENT_PAUSE_MS = 200;

/** Whoever exports a run after its end shall find all of it. */
const RUN_END = /^run\.(completed|failed|cancelled|timed_out)$/;

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
 * people, and its events. Several processes may work on one run; each notes its part.
 */
export class Recorder implements Tape {
	private readonly starts = new Map<string, Promise<number | undefined>>();
	private readonly pending = new Map<string, RunEvent[]>();
	private readonly unrecorded = new Set<string>();
	private count = 0;

	constructor(private readonly options: RecorderOptions) {}

	/** Receives the events of all runs of a manager. */
	readonly sink: EventSink = (event) => {
		const { runId } = event;
		if (this.unrecorded.has(runId)) return;
		const waiting = this.pending.get(runId);
		// Best effort: a store that is closed already takes no more events.
		const write = () => void this.flush(runId).catch(() => undefined);
		if (waiting === undefined) {
			this.pending.set(runId, [event]);
			this.options.runtime.setTimer(EVENT_PAUSE_MS, write);
		} else waiting.push(event);
		if (RUN_END.test(event.type)) write();
	};

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

	/** Writes the events of a run that were told and not yet written. */
	async flush(runId: string): Promise<void> {
		const events = this.pending.get(runId) ?? [];
		this.pending.delete(runId);
		if ((await this.startOf(runId)) === undefined) this.unrecorded.add(runId);
		if (events.length === 0 || this.unrecorded.has(runId)) return;
		await this.write(EVENTS, runId, events[0]!.at, toJson(events));
	}

	private async note({ runId }: TapePlace, call: RecordedCall): Promise<void> {
		await this.write(CALLS, runId, call.atMs, toJson(call));
	}

	private async write(collection: string, runId: string, at: number, value: Json): Promise<void> {
		const { store, runtime, redact = (same) => same } = this.options;
		// In the order of time; what happens at the same time, in the order of this process.
		const place = `${String(at).padStart(15, '0')}-${String(this.count++).padStart(9, '0')}`;
		await store.put({
			collection,
			id: `${runId}/${place}-${runtime.newId()}`,
			version: 0,
			value: JSON.stringify(redact(value)),
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
