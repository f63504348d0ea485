import { z } from 'zod';

import { EngineError, parse, parseJson, type Runtime, type Timer } from '../core';
import { isStoreConflict } from './errors';
import type { LogEntry, Store, StoredDocument } from './store';

const COLLECTION = 'leases';

const heldSchema = z.object({
	/** Empty when nobody holds it. */
	owner: z.string(),
	/** Milliseconds since the epoch, by the clock of the owner. */
	expiresAt: z.number(),
});

/** What {@link acquireLease} needs. */
export interface LeaseOptions {
	store: Store;
	runtime: Runtime;
	/** What is to be held by one owner at a time. */
	name: string;
	/** Whoever asks, e.g. an execution; unique among all that may ask. */
	owner: string;
	/** The run that the lease belongs to; it is removed with it. */
	runId: string;
	/** How long a dead owner keeps others out, in milliseconds. Default 30000. */
	ttlMs?: number;
}

/**
 * The right to do something alone, for a while. Renews itself until released; when the owner dies,
 * it passes on after `ttlMs`.
 *
 * The version of its document, together with a name that every acquisition gives itself, is the
 * fencing token: what is appended through the lease is refused as soon as somebody else has taken
 * over, even if this owner has not noticed yet. The number alone only grows while the store loses
 * nothing; after a failover that lost the last writes it comes again, and the name does not.
 */
export interface Lease {
	/** Aborts when the lease was lost to somebody else. */
	readonly lost: AbortSignal;
	/**
	 * Like `Store.append`, for the owner only.
	 *
	 * @throws {EngineError} `LEASE_LOST` when somebody else has taken over; nothing was added
	 */
	append(entries: readonly LogEntry[]): Promise<number[]>;
	/** Gives the right back. Safe to call twice. */
	release(): Promise<void>;
}

/** Somebody else holds the lease. */
export class LeaseHeldError extends EngineError {
	constructor(
		readonly heldBy: string,
		name: string,
		remainingMs: number,
	) {
		super('LEASE_HELD', `"${name}" is being worked on by ${heldBy}.`, {
			errorClass: 'conflict',
			retryable: true,
			retryAfterMs: remainingMs,
			hint: 'Wait until the other execution has ended; its results will be reused.',
			details: { heldBy, remainingMs },
		});
	}
}

/** Whether an error says that somebody else holds a lease. */
export function isLeaseHeld(error: unknown): error is LeaseHeldError {
	return error instanceof Error && 'code' in error && error.code === 'LEASE_HELD';
}

/**
 * Takes a lease that is free or has expired.
 *
 * @throws {LeaseHeldError} while another owner holds it
 */
export async function acquireLease(options: LeaseOptions): Promise<Lease> {
	const { store, runtime, name, owner } = options;
	const current = await store.get(COLLECTION, name);
	if (current !== undefined) {
		const held = parse(heldSchema, parseJson(current.value), `Lease "${name}"`);
		const remainingMs = held.expiresAt - runtime.now();
		if (held.owner !== '' && held.owner !== owner && remainingMs > 0) {
			throw new LeaseHeldError(held.owner, name, remainingMs);
		}
	}
	const lease = new HeldLease(options, current);
	await lease.write(owner).catch((error: unknown) => {
		const taken = new LeaseHeldError('another execution', name, ttlOf(options));
		return Promise.reject(isStoreConflict(error) ? taken : (error as Error));
	});
	lease.keep();
	return lease;
}

/** Who holds a lease, and until when. */
export interface LeaseHolder {
	owner: string;
	/** Milliseconds since the epoch. Grows with every renewal. */
	expiresAt: number;
}

/** Who holds a lease now; `undefined` when it is free or has expired. */
export async function leaseHolder(
	store: Pick<Store, 'get'>,
	runtime: Pick<Runtime, 'now'>,
	name: string,
): Promise<LeaseHolder | undefined> {
	const current = await store.get(COLLECTION, name);
	if (current === undefined) return undefined;
	const held = parse(heldSchema, parseJson(current.value), `Lease "${name}"`);
	return held.owner === '' || held.expiresAt <= runtime.now() ? undefined : held;
}

function ttlOf({ ttlMs = 30_000 }: LeaseOptions): number {
	return ttlMs;
}

class HeldLease implements Lease {
	private readonly losing = new AbortController();
	readonly lost = this.losing.signal;
	private timer: Timer | undefined;
	private renewing: Promise<void> = Promise.resolve();
	private released = false;
	private version: number;
	/** The state of the document as last seen: whose it is. */
	private seen: string | undefined;
	private readonly token: string;

	constructor(
		private readonly options: LeaseOptions,
		current: StoredDocument | undefined,
	) {
		this.version = current?.version ?? 0;
		this.seen = current?.status;
		this.token = options.runtime.newId();
	}

	/** Renews at a third of the time, so that two failed tries do not lose it. */
	keep(): void {
		this.timer = this.options.runtime.setTimer(ttlOf(this.options) / 3, () => {
			this.renewing = this.renew();
		});
	}

	private async renew(): Promise<void> {
		const failure = await this.write(this.options.owner).then(() => undefined, asError);
		if (isStoreConflict(failure)) this.lose();
		else if (!this.released) this.keep();
	}

	async write(owner: string): Promise<void> {
		const { store, runtime, name: id, runId } = this.options;
		const expiresAt = runtime.now() + ttlOf(this.options);
		const stored = await store.put({
			collection: COLLECTION,
			id,
			version: this.version,
			...(this.seen === undefined ? {} : { seenStatus: this.seen }),
			value: JSON.stringify({ owner, expiresAt }),
			status: this.token,
			runId,
		});
		this.version = stored.version;
		this.seen = this.token;
	}

	async append(entries: readonly LogEntry[]): Promise<number[]> {
		this.lost.throwIfAborted();
		const { store, name: id } = this.options;
		const { version, token: status } = this;
		const outcome = await store
			.append(entries, { collection: COLLECTION, id, version, status })
			.catch((error: unknown) => asError(error));
		if (!(outcome instanceof Error)) return outcome;
		if (!isStoreConflict(outcome)) return await Promise.reject(outcome);
		// Our own renewal may have moved the version on while the entries were under way.
		await this.renewing;
		if (this.version === version) this.lose();
		return await this.append(entries);
	}

	async release(): Promise<void> {
		if (this.released) return;
		this.released = true;
		this.timer?.cancel();
		await this.renewing;
		// Whoever took over in the meantime keeps it.
		await this.write('').catch(() => undefined);
	}

	private lose(): void {
		this.timer?.cancel();
		const { name } = this.options;
		this.losing.abort(
			new EngineError('LEASE_LOST', `Another execution took over "${name}".`, {
				errorClass: 'conflict',
				retryable: false,
				details: { name },
			}),
		);
	}
}

function asError(error: unknown): Error {
	return error as Error;
}
