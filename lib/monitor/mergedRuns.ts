import type { RunSource } from './monitorCall';
import type { RunPicture } from './runPicture';

/** Several sources as one, last changed first; a run is shown by the first source that knows it. */
export function mergedRuns(sources: readonly RunSource[]): RunSource {
	return {
		async list({ limit, offset, status }) {
			// Any of the sources may hold the whole page.
			const query = { limit: offset + limit, offset: 0, ...(status && { status }) };
			const pages = await Promise.all(sources.map((source) => source.list(query)));
			const runs = pages.flatMap((page) => page.runs);
			runs.sort((one, other) => other.updatedAt - one.updatedAt);
			return {
				runs: runs.slice(offset, offset + limit),
				total: pages.reduce((sum, { total }) => sum + total, 0),
			};
		},
		async picture(runId): Promise<RunPicture | undefined> {
			for (const source of sources) {
				const picture = await source.picture(runId);
				if (picture !== undefined) return picture;
			}
			return undefined;
		},
	};
}
