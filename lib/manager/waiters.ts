/** Promises of things that will happen once, by key. */
export class Waiters<Value> {
	private readonly waiting = new Map<string, Array<(value: Value) => void>>();

	/** Resolves with the next value for the key. */
	async next(key: string): Promise<Value> {
		return await new Promise((resolve) => {
			const others = this.waiting.get(key);
			if (others === undefined) this.waiting.set(key, [resolve]);
			else others.push(resolve);
		});
	}

	/** Tells everybody who waits for the key. */
	tell(key: string, value: Value): void {
		const waiting = this.waiting.get(key) ?? [];
		this.waiting.delete(key);
		for (const resolve of waiting) resolve(value);
	}
}
