import { Checkpoints, EngineError } from '../../../lib';
import type { Json } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { operation, restored, shown } from '../operation';
import { loadSchema, saveSchema, skipIfDoneSchema } from '../parameters';

/** Output of *Skip If Done* for items that were saved before. */
const DONE = 1;

/** Records data under a name and passes the item on. */
export const save = operation({
	schema: saveSchema,
	// In order, so that the last of several items with one name is the one that stays.
	atOnce: 1,
	run: async ({ checkpointName, data, options: { keep } }, { store, runKey, item }) => {
		const checkpoints = new Checkpoints({
			store,
			runtime: n8nRuntime,
			...(keep === undefined ? {} : { keep }),
		});
		const checkpoint = await checkpoints.save(runKey, checkpointName, data);
		return [{ item: { ...item, json: { ...item.json, checkpoint: shown(checkpoint) } } }];
	},
});

/** Gives back what was saved. */
export const load = operation({
	schema: loadSchema,
	run: async ({ checkpointName, options }, { store, runKey }) => {
		const { version, ifMissing, defaultData } = options;
		const checkpoints = new Checkpoints({ store, runtime: n8nRuntime });
		const loaded = await checkpoints.load(runKey, checkpointName, version);
		if (loaded !== undefined) return [{ item: restored(loaded.state, loaded) }];
		if (ifMissing === 'skip') return [];
		if (ifMissing === 'fail') throw missing(runKey, checkpointName, version);
		return [{ item: defaultItem(runKey, checkpointName, defaultData) }];
	},
});

/** Sends items that were saved before to the second output, with what was saved. */
export const skipIfDone = operation({
	schema: skipIfDoneSchema,
	run: async ({ checkpointName, ifAlreadyDone }, { store, runKey, item }) => {
		if (ifAlreadyDone === 'runAgain') return [{ item }];
		const checkpoints = new Checkpoints({ store, runtime: n8nRuntime });
		const loaded = await checkpoints.load(runKey, checkpointName);
		if (loaded === undefined) return [{ item }];
		return [{ output: DONE, item: restored(loaded.state, loaded) }];
	},
});

function defaultItem(runKey: string, name: string, data: Json) {
	return restored(data, { runKey, name, version: 0, savedAt: n8nRuntime.now(), bytes: 0 });
}

function missing(runKey: string, name: string, version: number | undefined): EngineError {
	const which = version === undefined ? '' : ` in version ${version}`;
	return new EngineError(
		'CHECKPOINT_MISSING',
		`Run "${runKey}" has no checkpoint "${name}"${which}.`,
		{
			errorClass: 'validation',
			hint: 'Check Run Key, Checkpoint Name and Store, or choose what to do in the option If Missing',
			details: { runKey, name },
		},
	);
}
