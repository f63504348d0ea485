/** First in, first out, without moving the rest at each take. */
export class ReadyQueue<Item> {
	private readonly arrived: Item[] = [];
	/** What goes next, last to go first. */
	private leaving: Item[] = [];

	get size(): number {
		return this.arrived.length + this.leaving.length;
	}

	push(item: Item): void {
		this.arrived.push(item);
	}

	shift(): Item | undefined {
		if (this.leaving.length === 0) this.leaving = this.arrived.splice(0).reverse();
		return this.leaving.pop();
	}

	/** The waiting items, first to go first. */
	toArray(): Item[] {
		return [...this.leaving.toReversed(), ...this.arrived];
	}
}
