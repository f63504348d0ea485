import { deleteRun, exportRun, forkRun, importRun, listRuns, pruneRuns } from '../../../lib';
import type { Json, JsonObject, RunSummary } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { operation } from '../operation';
import {
	deleteRunSchema,
	exportSchema,
	forkSchema,
	getManyRunsSchema,
	importSchema,
	pruneSchema,
} from '../parameters';

/** Lists runs, last updated first. */
export const getManyRuns = operation({
	schema: getManyRunsSchema,
	withoutRun: true,
	run: async ({ returnAll, limit, options }, { store }) => {
		const { runs } = await listRuns(store, {
			limit: returnAll ? 1000 : limit,
			offset: options.offset,
			...(options.status.length === 0 ? {} : { status: options.status }),
			...(options.keyPrefix === '' ? {} : { idPrefix: options.keyPrefix }),
		});
		return runs.map((run) => ({ item: { json: shownRun(run) } }));
	},
});

/** Removes a run with everything it has. */
export const removeRun = operation({
	schema: deleteRunSchema,
	run: async (_parameters, { store, runKey }) => {
		const { records, documents, bytes } = await deleteRun(store, runKey);
		const json = { deleted: records + documents > 0, runKey, records, documents, bytes };
		return [{ item: { json } }];
	},
});

/** Removes what is older, or more, than what is to be kept. */
export const prune = operation({
	schema: pruneSchema,
	withoutRun: true,
	atOnce: 1,
	run: async ({ options }, { store }) => {
		const { maxMegabytes, ...retention } = options;
		const pruned = await pruneRuns(store, n8nRuntime, {
			...retention,
			...(maxMegabytes === undefined ? {} : { maxBytes: maxMegabytes * 2 ** 20 }),
		});
		return [{ item: { json: { ...pruned } } }];
	},
});

/** Starts a new run from the middle of this one. */
export const fork = operation({
	schema: forkSchema,
	run: async ({ newRunKey, options: { fromStep, patch } }, { store, runKey }) => {
		const forked = await forkRun({
			store,
			runtime: n8nRuntime,
			from: runKey,
			to: newRunKey,
			patch,
			...(fromStep === '' ? {} : { fromStep }),
		});
		return [{ item: { json: { ...forked } } }];
	},
});

/** Writes a whole run into one JSON item. */
export const exportOperation = operation({
	schema: exportSchema,
	run: async (_parameters, { store, runKey }) => {
		const exported = await exportRun(store, runKey, n8nRuntime.now());
		return [{ item: { json: exported as unknown as JsonObject } }];
	},
});

/** Reads what *Export* wrote. */
export const importOperation = operation({
	schema: importSchema,
	withoutRun: true,
	atOnce: 1,
	run: async ({ exportedRun, whenExists }, { store }) => {
		const runKey = await importRun(store, exportedRun, whenExists);
		return [{ item: { json: { imported: true, runKey } } }];
	},
});

function shownRun({ runId, status, createdAt, updatedAt, parts, usage }: RunSummary): JsonObject {
	return {
		runKey: runId,
		status,
		createdAt: new Date(createdAt).toISOString(),
		updatedAt: new Date(updatedAt).toISOString(),
		usage: { ...usage } as unknown as Json,
		nodes: parts as unknown as Json,
	};
}
