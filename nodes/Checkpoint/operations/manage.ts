import { Checkpoints, compareStates, describeDifferences, EngineError } from '../../../lib';
import type { Json, JsonObject, LoadedCheckpoint, Store } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { operation, shown } from '../operation';
import { compareSchema, deleteSchema, getManySchema } from '../parameters';

/** Lists checkpoints, last saved first. */
export const getMany = operation({
	schema: getManySchema,
	run: async ({ scope, returnAll, limit, options }, { store, runKey }) => {
		const checkpoints = new Checkpoints({ store, runtime: n8nRuntime });
		const owner = scope === 'run' ? { runId: runKey } : {};
		if (returnAll && scope === 'run') {
			return (await checkpoints.all(runKey)).map((info) => ({ item: { json: shown(info) } }));
		}
		const page = { limit: returnAll ? 1000 : limit, offset: options.offset };
		const { checkpoints: list } = await checkpoints.list({ ...owner, ...page });
		return list.map((info) => ({ item: { json: shown(info) } }));
	},
});

/** Tells in words and as data how two versions differ. */
export const compare = operation({
	schema: compareSchema,
	run: async ({ checkpointName, options }, { store, runKey }) => {
		const after = await required(store, runKey, checkpointName, options.version);
		const otherRun = options.otherRunKey || runKey;
		const otherName = options.otherName || checkpointName;
		const same = otherRun === runKey && otherName === checkpointName;
		const otherVersion = options.otherVersion ?? (same ? after.version - 1 : undefined);
		const before = await required(store, otherRun, otherName, otherVersion);
		const differences = compareStates(before.state, after.state);
		const json = {
			summary: describeDifferences(differences),
			differences: differences as unknown as Json,
			before: shown(before),
			after: shown(after),
		};
		return [{ item: { json } }];
	},
});

/** Removes a checkpoint with all its versions. */
export const remove = operation({
	schema: deleteSchema,
	run: async ({ checkpointName }, { store, runKey }) => {
		const checkpoints = new Checkpoints({ store, runtime: n8nRuntime });
		const deleted = await checkpoints.remove(runKey, checkpointName);
		const json: JsonObject = { deleted, runKey, name: checkpointName };
		return [{ item: { json } }];
	},
});

async function required(
	store: Store,
	runKey: string,
	name: string,
	version: number | undefined,
): Promise<LoadedCheckpoint> {
	const checkpoints = new Checkpoints({ store, runtime: n8nRuntime });
	const loaded = await checkpoints.load(runKey, name, version);
	if (loaded !== undefined) return loaded;
	const which = version === undefined ? '' : ` in version ${version}`;
	throw new EngineError(
		'CHECKPOINT_MISSING',
		`Run "${runKey}" has no checkpoint "${name}"${which}.`,
		{
			errorClass: 'validation',
			hint: 'Two versions are needed; older ones are forgotten after Versions to Keep of Save',
			details: { runKey, name },
		},
	);
}
