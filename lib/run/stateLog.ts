import { parseJson, type Json, type JsonObject, type Runtime } from '../core';
import { corruptRecord, decodeRecord, encodeRecord, type LogRow, type Store } from '../store';
import { applyChanges, type Change } from './delta';
import type { CorruptRow } from './stepRecord';

/** What {@link StateLog} needs. */
export interface StateLogOptions {
	store: Store;
	runtime: Runtime;
	/** The log that holds the state, and nothing else. */
	logId: string;
	/** How many of the latest versions can be loaded. Default 20. */
	keep?: number;
}

/** One saved version. */
export interface StateVersion {
	/** 1, 2, 3, … */
	version: number;
	/** Milliseconds since the epoch. */
	savedAt: number;
	/** Whether the record holds the whole state or only what changed. */
	kind: 'full' | 'delta';
}

interface Header extends JsonObject {
	schemaVersion: 1;
	kind: 'full' | 'delta';
	savedAt: number;
	/** The version that a delta changes. */
	base: number;
}

/** A row whose header was read; undefined when it could not be. */
interface VersionRow {
	seq: number;
	header: Header | undefined;
	payload: () => string;
}

function versionOf({ kind, savedAt }: Header): Omit<StateVersion, 'version'> {
	return { kind, savedAt };
}

/** Somebody else was faster; the writer of this delta has saved the whole state right after it. */
function isOvertaken(seq: number, { kind, base }: Header): boolean {
	return kind === 'delta' && base !== seq - 1;
}

function isReadableFull({ header, payload }: VersionRow): boolean {
	if (header?.kind !== 'full') return false;
	try {
		payload();
		return true;
	} catch {
		return false;
	}
}

/**
 * Deltas may grow to this many times the last full state before the next one is written. Full
 * states then grow geometrically: everything ever written stays below three times the state, and
 * reading it back below three times, however many versions there are.
 */
const SNAPSHOT_FACTOR = 1.5;

/**
 * A JSON state that is saved again and again: every version costs what changed.
 *
 * Writers of the same moment both save; the later one wins, as if it had come later. After a save
 * that failed, open it again.
 */
export class StateLog {
	/** The state at the latest version; `undefined` before the first. */
	state: Json | undefined;
	/** The latest version; 0 before the first. */
	version = 0;
	/** Records that could not be used; the state is that of the latest version that could. */
	readonly corrupt: CorruptRow[] = [];
	readonly versions: StateVersion[] = [];
	/** Versions that hold the whole state; only a few, as they are ever further apart. */
	private readonly fulls: number[] = [];
	private fullSize = 0;
	private deltaSize = 0;

	private constructor(private readonly options: StateLogOptions) {}

	/**
	 * Reads a state, new or not.
	 *
	 * @param upTo - the version to stop at. Default: the latest
	 */
	static async open(options: StateLogOptions, upTo = Infinity): Promise<StateLog> {
		const log = new StateLog(options);
		log.replay(await options.store.read(options.logId), upTo);
		return log;
	}

	/** Starts at the last full state that can be read, and applies what comes after it. */
	private replay(all: readonly LogRow[], upTo: number): void {
		const rows = all.filter(({ seq }) => seq <= upTo).map((row) => this.decode(row));
		const start = Math.max(0, rows.findLastIndex(isReadableFull));
		for (const { seq, header } of rows.slice(0, start)) {
			if (header === undefined || isOvertaken(seq, header)) continue;
			this.advance({ version: seq, ...versionOf(header) }, 0);
		}
		for (const row of rows.slice(start)) this.applyOrReport(row);
	}

	private decode({ seq, body }: LogRow): VersionRow {
		try {
			const { header, payload } = decodeRecord(body);
			// A full state is looked at twice, and it may be long.
			let checked: string | undefined;
			return { seq, header: header as Header, payload: () => (checked ??= payload() ?? 'null') };
		} catch (error) {
			this.corrupt.push({ seq, reason: (error as Error).message });
			return { seq, header: undefined, payload: () => 'null' };
		}
	}

	private applyOrReport({ seq, header, payload }: VersionRow): void {
		if (header === undefined) return;
		try {
			this.apply(seq, header, payload());
		} catch (error) {
			this.corrupt.push({ seq, reason: (error as Error).message });
		}
	}

	/** A full state can always be used; a delta stands on the version before it. */
	private apply(seq: number, header: Header, payload: string): void {
		const { kind, base } = header;
		if (isOvertaken(seq, header)) return;
		if (kind === 'full') this.state = parseJson(payload);
		else if (kind !== 'delta' || this.state === undefined || base !== this.version) {
			throw corruptRecord('the version before it cannot be read');
		} else this.state = applyChanges(this.state, parseJson(payload) as unknown as Change[]);
		this.advance({ version: seq, ...versionOf(header) }, payload.length);
	}

	private advance(saved: StateVersion, size: number): void {
		this.version = saved.version;
		this.versions.push(saved);
		if (saved.kind === 'full') {
			this.fulls.push(saved.version);
			[this.fullSize, this.deltaSize] = [size, 0];
		} else this.deltaSize += size;
	}

	/** Saves a whole state as the next version. */
	async replace(state: Json): Promise<StateVersion> {
		this.state = state;
		return await this.write('full', JSON.stringify(state));
	}

	/**
	 * Saves changes as the next version.
	 *
	 * @throws {EngineError} `DELTA_MISMATCH` when a change does not fit; nothing is saved
	 */
	async change(changes: readonly Change[]): Promise<StateVersion> {
		const before = this.state;
		this.state = applyChanges(before ?? null, changes);
		const payload = JSON.stringify(changes);
		const due = this.deltaSize + payload.length > this.fullSize * SNAPSHOT_FACTOR;
		if (before === undefined || due) return await this.write('full', JSON.stringify(this.state));
		return await this.write('delta', payload);
	}

	private async write(kind: 'full' | 'delta', payload: string): Promise<StateVersion> {
		const { store, runtime, logId } = this.options;
		await this.repair();
		const savedAt = runtime.now();
		const header: Header = { schemaVersion: 1, kind, savedAt, base: this.version };
		const body = encodeRecord(header, payload);
		const [version] = await store.append([{ runId: logId, body }]);
		if (kind === 'delta' && version !== this.version + 1) {
			return await this.write('full', JSON.stringify(this.state));
		}
		const saved = { version: version!, savedAt, kind };
		this.advance(saved, payload.length);
		await this.forget();
		return saved;
	}

	/** What cannot be read after the last good version is removed, and the log goes on there. */
	private async repair(): Promise<void> {
		if (!this.corrupt.some(({ seq }) => seq > this.version)) return;
		await this.options.store.cut(this.options.logId, { from: this.version + 1 });
		this.corrupt.length = 0;
	}

	/** Removes versions older than those to keep, back to a full state to stand on. */
	private async forget(): Promise<void> {
		const { store, logId, keep = 20 } = this.options;
		const oldest = this.version - keep + 1;
		const base = this.fulls.findLastIndex((version) => version <= oldest);
		if (base <= 0) return;
		const below = this.fulls[base]!;
		await store.cut(logId, { below });
		this.fulls.splice(0, base);
		this.versions.splice(
			0,
			this.versions.findIndex(({ version }) => version === below),
		);
	}
}
