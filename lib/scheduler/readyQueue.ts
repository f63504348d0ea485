/** How many taken entries may lie before the head until the array is cut. */
const CUT_AT = 1024;

/** First in, first out, without moving the rest at each take. */
export class ReadyQueue<Item> {
	private items: Item[] = [];
	private head = 0;

	get size(): number {
		return this.items.length - this.head;
	}

	push(item: Item): void {
		this.items.push(item);
	}

	shift(): Item | undefined {
		if (this.head === this.items.length) return undefined;
		const item = this.items[this.head++]!;
		if (this.head >= CUT_AT && this.head * 2 >= this.items.length) {
			this.items = this.items.slice(this.head);
			this.head = 0;
		}
		return item;
	}

	/** The waiting items, first to go first. */
	toArray(): Item[] {
		return this.items.slice(this.head);
	}
}
