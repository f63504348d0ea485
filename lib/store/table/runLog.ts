import type { LogCut, LogRange, LogRow } from '../store';
import type { CellName, Cells } from './cells';
import {
	emptyManifest,
	grown,
	readManifest,
	rowsOf,
	segmentsFor,
	withCut,
	type Manifest,
	type Segment,
} from './manifest';
import { whereAny, type TableRow, type TableStep } from './table';

/** Where logs and their older parts are kept; names that no other collection has. */
export const LOGS = '/log';
export const SEGMENTS = '/log part';

/** How many settled groups a log remembers: far more than can be on their way at once. */
const SETTLED_KEPT = 1000;

/** Records that were accepted under another cell, and are in its `intent` until they are applied. */
export interface Accepted {
	/** The token of that cell while they wait. */
	id: string;
	/** Whether they are in all logs once they are in this one, so that the cell need not wait. */
	last: boolean;
	/** {@link RunLog.epoch} from before they were accepted; left out when that is not known. */
	epoch?: number;
}

/** One append that waits for its turn. */
interface Pending {
	bodies: readonly string[];
	accepted: Accepted | undefined;
	done: boolean;
	resolve: (first: number) => void;
	reject: (error: unknown) => void;
}

interface Head {
	row: TableRow | undefined;
	manifest: Manifest;
}

/**
 * The log of one run, as one cell with its manifest. Appends of this process wait for each other,
 * and all that have gathered meanwhile are written together.
 */
export class RunLog {
	private pending: Pending[] = [];
	private working: Promise<void> | undefined;
	private head: Head | undefined;
	private reads = 0;
	/**
	 * Accepted groups whose cells wait no more, with their first numbers: the manifest need not
	 * remember them, but this process may still be about to apply them a second time.
	 */
	private readonly settled = new Map<string, number>();

	constructor(
		private readonly cells: Cells,
		private readonly runId: string,
	) {}

	/**
	 * Changes whenever the log is read anew. Within one epoch this process knows every write of the
	 * log since it was read: whatever was accepted meanwhile, nobody else can have applied.
	 */
	async epoch(): Promise<number> {
		if (this.head === undefined) await this.readHead();
		return this.reads;
	}

	/** Adds records to the end. @returns the number of the first */
	async append(bodies: readonly string[], accepted?: Accepted): Promise<number> {
		return await new Promise((resolve, reject) => {
			this.pending.push({ bodies, accepted, done: false, resolve, reject });
			this.working ??= this.work();
		});
	}

	private async work(): Promise<void> {
		// Appends of the same moment belong together.
		await Promise.resolve();
		while (this.pending.length > 0) {
			const group = this.pending.splice(0);
			await this.write(group).catch((error: unknown) => {
				// What is in the table is not known any more.
				this.head = undefined;
				group.forEach(({ reject }) => reject(error));
			});
		}
		this.working = undefined;
	}

	private async write(group: readonly Pending[]): Promise<void> {
		for (;;) {
			const open = firstOfEach(group.filter(({ done }) => !done));
			if (open.length === 0) return;
			const head = this.head ?? (await this.readHead());
			if (!(await this.areOpen(open, head))) continue;
			if (!(await this.tryWrite(head, open))) this.head = undefined;
		}
	}

	/**
	 * Whether none of these appends is in the log yet. Those that another process has applied are
	 * answered; then it has to be asked again with the head as it is now.
	 */
	private async areOpen(group: readonly Pending[], { manifest }: Head): Promise<boolean> {
		const accepted = group.filter((one) => one.accepted !== undefined);
		const known = (id: string) => manifest.applied[id] ?? this.settled.get(id);
		const applied = accepted.filter((one) => known(one.accepted!.id) !== undefined);
		await this.release(applied, manifest.applied);
		for (const one of applied) this.answer(one, known(one.accepted!.id)!);
		const doubtful = accepted.filter((one) => !one.done && one.accepted!.epoch !== this.reads);
		const gone = await this.notWaiting(doubtful);
		if (gone.length > 0) {
			// They are in the log, and may be forgotten as applied by now.
			const fresh = (await this.readHead()).manifest;
			for (const one of gone) {
				this.answer(one, fresh.applied[one.accepted!.id] ?? (await this.locate(one.bodies)));
			}
		}
		return applied.length === 0 && gone.length === 0;
	}

	/** Those that no cell holds any more: another process has applied them. */
	private async notWaiting(group: readonly Pending[]): Promise<Pending[]> {
		if (group.length === 0) return [];
		const match = whereAny(
			'token',
			group.map((one) => one.accepted!.id),
		);
		const cells = await this.cells.table.run([{ do: 'find', match }]);
		const waiting = new Set(cells.filter(({ intent }) => intent !== '').map(({ token }) => token));
		return group.filter((one) => !waiting.has(one.accepted!.id));
	}

	private async locate(bodies: readonly string[]): Promise<number> {
		const rows = await this.read({});
		return rows.findLast(({ body }) => body === bodies[0])?.seq ?? 0;
	}

	private answer(one: Pending, first: number): void {
		one.done = true;
		one.resolve(first);
	}

	/** @returns false when somebody else has written the log: nothing was added */
	private async tryWrite({ row, manifest }: Head, group: readonly Pending[]): Promise<boolean> {
		const applied = this.remembered(manifest);
		let { next } = manifest;
		const firsts = group.map(({ bodies, accepted }) => {
			const first = next;
			next += bodies.length;
			if (accepted !== undefined) applied[accepted.id] = first;
			return first;
		});
		const bodies = group.flatMap((one) => one.bodies);
		const added = grown({ ...manifest, applied }, bodies, this.cells.newToken());
		const moved = added.moved === undefined ? [] : [this.segmentStep(added.moved)];
		const written = await this.store(row, added.manifest, moved);
		if (written === undefined) {
			if (added.moved !== undefined) await this.dropSegments([added.moved.segment]);
			return false;
		}
		this.head = { row: written, manifest: added.manifest };
		await this.release(group, applied);
		group.forEach((one, index) => this.answer(one, firsts[index]!));
		return true;
	}

	private remembered({ applied }: Manifest): Manifest['applied'] {
		return Object.fromEntries(Object.entries(applied).filter(([id]) => !this.settled.has(id)));
	}

	/** Writes the log's cell, making it for a new run. */
	private async store(
		row: TableRow | undefined,
		manifest: Manifest,
		before: readonly TableStep[] = [],
	): Promise<TableRow | undefined> {
		const value = JSON.stringify(manifest);
		const { cells, runId } = this;
		if (row !== undefined) {
			const [changed] = await cells.table.run([...before, cells.changing(row, { value })]);
			return changed;
		}
		if (before.length > 0) await cells.table.run(before);
		return await cells.create(this.name, { value, status: '', run: runId });
	}

	/** Tells the cells that held these records that they are in the log. */
	private async release(
		group: readonly Pending[],
		applied: Readonly<Record<string, number>>,
	): Promise<void> {
		const ids = group
			.flatMap(({ accepted }) => (accepted?.last === true ? [accepted.id] : []))
			.filter((id) => !this.settled.has(id));
		if (ids.length === 0) return;
		const match = whereAny('token', ids);
		await this.cells.table.run([{ do: 'update', match, set: { intent: '' } }]);
		for (const id of ids) this.settled.set(id, applied[id]!);
		for (const id of [...this.settled.keys()].slice(0, -SETTLED_KEPT)) this.settled.delete(id);
	}

	private segmentStep({ segment, bodies }: { segment: Segment; bodies: string[] }): TableStep {
		const name = { collection: SEGMENTS, key: segment.key };
		const content = { value: JSON.stringify(bodies), status: '', run: this.runId };
		return { do: 'insert', row: this.cells.make(name, content) };
	}

	private async dropSegments(segments: readonly Segment[]): Promise<void> {
		if (segments.length === 0) return;
		await this.cells.table.run([{ do: 'remove', match: keysOf(segments) }]);
	}

	private get name(): CellName {
		return { collection: LOGS, key: this.runId };
	}

	private async readHead(): Promise<Head> {
		this.reads++;
		const row = await this.cells.find(this.name);
		const manifest = row === undefined ? emptyManifest : readManifest(row.value);
		this.head = { row, manifest };
		return this.head;
	}

	async read(range: LogRange): Promise<LogRow[]> {
		for (;;) {
			const { manifest } = await this.readHead();
			const wanted = segmentsFor(manifest, range);
			const bodies = await this.load(wanted);
			// A part is missing when somebody has cut the log since; then the head is another one, too.
			if (wanted.every(({ key }) => bodies.has(key))) {
				return rowsOf(manifest, range, ({ key }) => bodies.get(key));
			}
		}
	}

	private async load(segments: readonly Segment[]): Promise<Map<string, string[]>> {
		if (segments.length === 0) return new Map();
		const rows = await this.cells.table.run([{ do: 'find', match: keysOf(segments) }]);
		return new Map(rows.map(({ key, value }) => [key, JSON.parse(value) as string[]]));
	}

	async cut(range: LogCut): Promise<number> {
		for (;;) {
			const head = await this.readHead();
			const { manifest, removed, dropped } = withCut(head.manifest, range);
			if (head.row === undefined || removed === 0) return 0;
			const row = await this.store(head.row, manifest);
			if (row !== undefined) {
				this.head = { row, manifest };
				await this.dropSegments(dropped);
				return removed;
			}
		}
	}
}

const keysOf = (segments: readonly Segment[]) =>
	whereAny(
		'key',
		segments.map(({ key }) => key),
	);

/** Without appends of the same accepted group: they wait for the first one. */
function firstOfEach(group: readonly Pending[]): Pending[] {
	const seen = new Set<string>();
	return group.filter(({ accepted }) => {
		if (accepted === undefined) return true;
		if (seen.has(accepted.id)) return false;
		seen.add(accepted.id);
		return true;
	});
}
