import { isStoreConflict, tableStore, type Store } from '../../../../lib';
import { fakeTable, seeded, turns, type Rows } from './fakeTable';

const RUN = 'r';
const ROUNDS = 300;

/** A process on shared rows: it dies after some steps, and then none of its calls ever returns. */
function processOn(rows: Rows, name: string, random: () => number, stepsToLive = Infinity) {
	let steps = 0;
	let ids = 0;
	const pause = async () => {
		if (++steps > stepsToLive) await new Promise<never>(() => undefined);
		await turns(4 * random());
	};
	const runtime = {
		now: () => 0,
		newId: () => `${name}-${++ids}`,
		random,
		sleep: async (ms: number) => await turns(ms),
	};
	return tableStore({ table: fakeTable(rows, pause), runtime });
}

/** Takes the lease over, and appends under it until somebody else has it. */
async function work(store: Store, owner: string, told: string[]): Promise<void> {
	const lease = { collection: 'leases', id: 'lease' };
	const version = ((await store.get(lease.collection, lease.id))?.version ?? 0) as number;
	const taken = await store
		.put({ ...lease, version, value: owner, runId: '' })
		.catch((error: Error) => (isStoreConflict(error) ? undefined : Promise.reject(error)));
	if (taken === undefined) return;
	for (let n = 0; n < 3; n++) {
		const body = `${taken.version} ${owner} ${n}`;
		const conflict = await store
			.append([{ runId: RUN, body }], { ...lease, version: taken.version })
			.then(() => void told.push(body), isStoreConflict);
		if (conflict === true) return;
	}
}

describe('guarded appends of processes that die anywhere', () => {
	it('are in the log once or not at all, in the order of the guard, and always when told so', async () => {
		for (let seed = 1; seed <= ROUNDS; seed++) {
			const random = seeded(seed);
			const rows: Rows = [];
			const told: string[] = [];
			const mortal = ['a', 'b', 'c'].map(async (name) => {
				const life = Math.floor(40 * random());
				await work(processOn(rows, name, random, life), name, told);
			});
			// The dead never answer: what lives has long ended by then.
			await Promise.race([Promise.all(mortal), turns(3000)]);
			const survivor = processOn(rows, 'd', random);
			await work(survivor, 'd', told);

			const log = (await survivor.read(RUN)).map(({ body }) => body);
			expect({ seed, twice: log.filter((body, at) => log.indexOf(body) !== at) }).toEqual({
				seed,
				twice: [],
			});
			const lost = told.filter((body) => !log.includes(body));
			expect({ seed, lost }).toEqual({ seed, lost: [] });
			const versions = log.map((body) => Number(body.split(' ')[0]));
			expect({ seed, versions }).toEqual({ seed, versions: [...versions].sort((a, b) => a - b) });
			expect(log.filter((body) => body.includes(' d '))).toHaveLength(3);
		}
	});
});
