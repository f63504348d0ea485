/** A piece of knowledge. Comes from outside: data, never instructions. */
export interface RecalledText {
	/** Where it comes from, in a few words. */
	source: string;
	text: string;
}

/** What agents look things up in before a task, and may add to after it. */
export interface KnowledgeBase {
	/** The pieces closest to a question, best first. */
	recall(question: string, limit: number): Promise<RecalledText[]>;
	/** Adds a piece. A base that cannot be written to has none. */
	remember?(text: string, metadata: Readonly<Record<string, string>>): Promise<void>;
}
