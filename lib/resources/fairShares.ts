import { PriorityQueue, type QueueEntry } from './priorityQueue';

/** How often one fairness key was served. */
export interface Share<Lane> {
	readonly key: string;
	/** Turns so far, counted from where the key joined. */
	served: number;
	/** What waits for this key. */
	readonly lanes: Set<Lane>;
	idle: QueueEntry<Share<Lane>> | undefined;
}

/**
 * Turns by fairness key. A key that comes, or comes back, starts to count where the others are, so
 * that it neither waits behind their past nor jumps ahead by its own rest.
 *
 * @see Goyal, Vin, Cheng, "Start-time Fair Queuing", SIGCOMM 1996 (the virtual time)
 */
export class FairShares<Lane> {
	private virtualTime = 0;
	private readonly shares = new Map<string, Share<Lane>>();
	/** Keys that wait for nothing but are ahead of the virtual time: forgotten once it has passed. */
	private readonly idle = new PriorityQueue<Share<Lane>>((a, b) => a.served < b.served);

	/** Keys known at the moment. */
	get size(): number {
		return this.shares.size;
	}

	/** A lane begins to wait for a key. */
	join(key: string, lane: Lane): Share<Lane> {
		let share = this.shares.get(key);
		if (share === undefined) {
			share = { key, served: this.virtualTime, lanes: new Set(), idle: undefined };
			this.shares.set(key, share);
		}
		if (share.idle !== undefined) this.idle.remove(share.idle);
		share.idle = undefined;
		share.lanes.add(lane);
		return share;
	}

	/** A lane no longer waits. */
	leave(share: Share<Lane>, lane: Lane): void {
		share.lanes.delete(lane);
		if (share.lanes.size > 0) return;
		share.idle = this.idle.push(share);
		this.forgetPassed();
	}

	/** The key had a turn. */
	serve(share: Share<Lane>): void {
		if (share.served > this.virtualTime) {
			this.virtualTime = share.served;
			this.forgetPassed();
		}
		share.served++;
	}

	private forgetPassed(): void {
		for (
			let share = this.idle.peek();
			share !== undefined && share.served <= this.virtualTime;
			share = this.idle.peek()
		) {
			this.idle.pop();
			this.shares.delete(share.key);
		}
	}
}
