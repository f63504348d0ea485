import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';

/** The limit LangGraph sets on its supersteps would end every long run. */
const ENDLESS = { recursionLimit: 10_000_000 };

/** A loop of `n` steps that do nothing but count. */
export function langGraphLoop(n) {
	const State = Annotation.Root({ count: Annotation() });
	const app = new StateGraph(State)
		.addNode('step', async ({ count }) => ({ count: count + 1 }))
		.addEdge(START, 'step')
		.addConditionalEdges('step', ({ count }) => (count < n ? 'step' : END))
		.compile();
	return () => app.invoke({ count: 0 }, ENDLESS);
}

/**
 * A graph of steps by id.
 *
 * @param steps - `{ id, deps, run }` in topological order
 */
export function langGraphDag(steps) {
	const State = Annotation.Root({
		done: Annotation({ reducer: (before, after) => before + after, default: () => 0 }),
	});
	const graph = new StateGraph(State);
	const used = new Set(steps.flatMap(({ deps }) => deps));
	for (const { id, run } of steps) {
		graph.addNode(id, async () => {
			await run();
			return { done: 1 };
		});
	}
	for (const { id, deps } of steps) {
		if (deps.length === 0) graph.addEdge(START, id);
		else graph.addEdge(deps.length === 1 ? deps[0] : deps, id);
		if (!used.has(id)) graph.addEdge(id, END);
	}
	const app = graph.compile();
	return () => app.invoke({ done: 0 }, ENDLESS);
}

const inMemory = () => new MemorySaver();

/** A loop of `n` steps whose state is saved after each, in memory unless told otherwise. */
export function langGraphLoopSaved(n, saver = inMemory) {
	const State = Annotation.Root({ count: Annotation() });
	const graph = new StateGraph(State)
		.addNode('step', async ({ count }) => ({ count: count + 1 }))
		.addEdge(START, 'step')
		.addConditionalEdges('step', ({ count }) => (count < n ? 'step' : END));
	return async () => {
		const app = graph.compile({ checkpointer: saver() });
		await app.invoke({ count: 0 }, { ...ENDLESS, configurable: { thread_id: '1' } });
	};
}

/** A loop of `n` steps that each add a text to a list, saved after each. */
export function langGraphGrowing(n, text, saver = inMemory) {
	const State = Annotation.Root({
		rows: Annotation({ reducer: (before, after) => before.concat(after), default: () => [] }),
	});
	const graph = new StateGraph(State)
		.addNode('step', async () => ({ rows: [text] }))
		.addEdge(START, 'step')
		.addConditionalEdges('step', ({ rows }) => (rows.length < n ? 'step' : END));
	return async () => {
		const app = graph.compile({ checkpointer: saver() });
		await app.invoke({ rows: [] }, { ...ENDLESS, configurable: { thread_id: '1' } });
	};
}
