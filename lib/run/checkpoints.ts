import { z } from 'zod';

import { EngineError, parse, parseJson, sha256, type Json, type Runtime } from '../core';
import { MAX_PAGE, type ListQuery, type Store, type StoredDocument } from '../store';
import { diff } from './delta';
import { StateLog, type StateVersion } from './stateLog';
import type { CorruptRow } from './stepRecord';

/** Where the list of checkpoints is kept; each has a log of the same id. */
export const CHECKPOINTS = 'checkpoints';

const infoSchema = z.object({
	schemaVersion: z.literal(1),
	runKey: z.string(),
	name: z.string(),
	version: z.number().int(),
	savedAt: z.number(),
	/** Characters of the state as JSON. */
	bytes: z.number().int(),
});

/** What is known of a checkpoint without loading it. */
export interface CheckpointInfo {
	runKey: string;
	name: string;
	/** 1 for the first save, one more with each. */
	version: number;
	/** Milliseconds since the epoch. */
	savedAt: number;
	/** Characters of the state as JSON. */
	bytes: number;
}

/** A checkpoint with its state. */
export interface LoadedCheckpoint extends CheckpointInfo {
	state: Json;
	/** Versions that can be loaded. */
	versions: StateVersion[];
	/** Records that could not be used; the state is that of the latest version that could. */
	corrupt: readonly CorruptRow[];
}

/** What {@link Checkpoints} needs. */
export interface CheckpointsOptions {
	store: Store;
	runtime: Runtime;
	/** How many of the latest versions of each checkpoint can be loaded. Default 20. */
	keep?: number;
}

/** Named states of runs, in versions. */
export class Checkpoints {
	constructor(private readonly options: CheckpointsOptions) {}

	/**
	 * Saves a state as the next version of a checkpoint; costs what changed since the last one.
	 * When several save at the same moment, the last one wins.
	 */
	async save(runKey: string, name: string, state: Json): Promise<CheckpointInfo> {
		const { store, runtime } = this.options;
		const id = idOf(runKey, name);
		const log = await StateLog.open({ ...this.options, logId: id });
		const info: CheckpointInfo = {
			runKey,
			name,
			version: log.version + 1,
			savedAt: runtime.now(),
			bytes: JSON.stringify(state).length,
		};
		// The entry of the list goes first: no state is ever left behind that no list names.
		const value = JSON.stringify({ schemaVersion: 1, ...info });
		await store.put({ collection: CHECKPOINTS, id, version: 'any', value, runId: runKey });
		const { state: before } = log;
		const { version, savedAt } =
			before === undefined ? await log.replace(state) : await log.change(diff(before, state));
		return { ...info, version, savedAt };
	}

	/**
	 * Loads a checkpoint.
	 *
	 * @param version - default: the latest
	 * @returns `undefined` when there is none, or not in this version
	 * @throws {EngineError} `CHECKPOINT_CORRUPT` when no version of it can be read
	 */
	async load(
		runKey: string,
		name: string,
		version?: number,
	): Promise<LoadedCheckpoint | undefined> {
		const log = await StateLog.open({ ...this.options, logId: idOf(runKey, name) }, version);
		const { state, corrupt, versions } = log;
		const last = versions.at(-1);
		if (state === undefined || last === undefined) {
			if (corrupt.length > 0) throw unreadable(runKey, name, corrupt);
			return undefined;
		}
		if (version !== undefined && last.version !== version) return undefined;
		const bytes = JSON.stringify(state).length;
		const { savedAt } = last;
		return { runKey, name, version: last.version, savedAt, bytes, state, versions, corrupt };
	}

	/** Whether there is a checkpoint of this name, without loading it. */
	async find(runKey: string, name: string): Promise<CheckpointInfo | undefined> {
		const document = await this.options.store.get(CHECKPOINTS, idOf(runKey, name));
		return document === undefined ? undefined : infoOf(document);
	}

	/** Lists checkpoints, last saved first. */
	async list(
		query: Pick<ListQuery, 'limit' | 'offset' | 'runId'>,
	): Promise<{ checkpoints: CheckpointInfo[]; total: number }> {
		const page = await this.options.store.list(CHECKPOINTS, query);
		return { checkpoints: page.documents.map(infoOf), total: page.total };
	}

	/** Every checkpoint of a run, last saved first. */
	async all(runKey: string): Promise<CheckpointInfo[]> {
		const found: CheckpointInfo[] = [];
		for (;;) {
			const page = await this.list({ runId: runKey, limit: MAX_PAGE, offset: found.length });
			found.push(...page.checkpoints);
			if (page.checkpoints.length < MAX_PAGE) return found;
		}
	}

	/** Removes a checkpoint with all its versions. @returns whether there was one */
	async remove(runKey: string, name: string): Promise<boolean> {
		const id = idOf(runKey, name);
		const removed = await this.options.store.removeRun(id);
		const listed = await this.options.store.remove(CHECKPOINTS, id);
		return listed || removed.records > 0;
	}
}

/** The log and the list entry of a checkpoint; of fixed length, whatever the names. */
function idOf(runKey: string, name: string): string {
	return `checkpoint/${sha256(JSON.stringify([runKey, name]))}`;
}

function infoOf({ value }: StoredDocument): CheckpointInfo {
	const { runKey, name, version, savedAt, bytes } = parse(
		infoSchema,
		parseJson(value),
		'Entry of a checkpoint',
	);
	return { runKey, name, version, savedAt, bytes };
}

function unreadable(runKey: string, name: string, corrupt: readonly CorruptRow[]): EngineError {
	return new EngineError(
		'CHECKPOINT_CORRUPT',
		`Checkpoint "${name}" of run "${runKey}" is in the store but cannot be read: ${corrupt[0]!.reason}`,
		{
			errorClass: 'validation',
			hint: 'Save it again, or delete it. If this happens often, check the disk of the store.',
			details: { runKey, name, corrupt },
		},
	);
}
