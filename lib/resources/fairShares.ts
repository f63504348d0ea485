/** How often one fairness key was served. */
export interface Share<Lane> {
	readonly key: string;
	/** Turns so far, counted from where the key joined. */
	served: number;
	/** What waits for this key. */
	readonly lanes: Set<Lane>;
}

/**
 * Turns by fairness key. A key that comes, or comes back, starts to count where the others are, so
 * that it neither waits behind their past nor jumps ahead by its own rest.
 *
 * @see Goyal, Vin, Cheng, "Start-time Fair Queuing", SIGCOMM 1996 (the virtual time)
 */
export class FairShares<Lane> {
	/** Turns of whoever has had most, before the last one: nobody is more than one ahead of it. */
	private virtualTime = 0;
	private readonly shares = new Map<string, Share<Lane>>();
	/** Keys that wait for nothing but are one turn ahead: remembered until the others are, too. */
	private readonly idle = new Set<Share<Lane>>();

	/** Keys known at the moment. */
	get size(): number {
		return this.shares.size;
	}

	/** A lane begins to wait for a key. */
	join(key: string, lane: Lane): Share<Lane> {
		let share = this.shares.get(key);
		if (share === undefined) {
			share = { key, served: this.virtualTime, lanes: new Set() };
			this.shares.set(key, share);
		}
		this.idle.delete(share);
		share.lanes.add(lane);
		return share;
	}

	/** A lane no longer waits. */
	leave(share: Share<Lane>, lane: Lane): void {
		share.lanes.delete(lane);
		if (share.lanes.size > 0) return;
		if (share.served > this.virtualTime) this.idle.add(share);
		else this.shares.delete(share.key);
	}

	/** The key had a turn. */
	serve(share: Share<Lane>): void {
		if (share.served++ <= this.virtualTime) return;
		this.virtualTime++;
		for (const { key } of this.idle) this.shares.delete(key);
		this.idle.clear();
	}
}
