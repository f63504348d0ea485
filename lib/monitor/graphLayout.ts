/** A step as the layout needs it. */
export interface LayoutStep {
	path: string;
	after: readonly string[];
}

/** Where a step stands: its column and its place in it, both from 0; fractions centre short columns. */
export interface Place {
	path: string;
	column: number;
	row: number;
}

/** Steps in columns, each right of all that lead to it. */
export interface GraphLayout {
	places: readonly Place[];
	/** `[from, to]` as indices of `places`. */
	edges: ReadonlyArray<readonly [number, number]>;
	columns: number;
	rows: number;
}

/** How often the order of the columns is improved; more changes little. */
const SWEEPS = 4;

/**
 * Places steps for drawing, in time that grows with steps and edges.
 *
 * A step stands one column right of the last step that leads to it. Inside a column steps are put
 * near those they belong to (barycentre heuristic). A column with more than `maxRows` steps goes on
 * in further columns beside it. An edge that closes a loop is drawn, but moves nothing.
 *
 * @see Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System
 *   Structures", IEEE Trans. SMC 11(2), 1981
 */
export function layoutGraph(steps: readonly LayoutStep[], maxRows: number): GraphLayout {
	const edges = edgesOf(steps);
	const layers = layersOf(steps.length, edges);
	const neighbours = neighboursOf(steps.length, edges);
	for (let sweep = 0; sweep < SWEEPS; sweep++) arrange(layers, neighbours);
	const columns = layers.flatMap((layer) => wrapped(layer, maxRows));
	const rows = Math.max(1, ...columns.map(({ length }) => length));
	const places: Place[] = new Array<Place>(steps.length);
	columns.forEach((column, at) => {
		const top = (rows - column.length) / 2;
		column.forEach((step, row) => {
			places[step] = { path: steps[step]!.path, column: at, row: top + row };
		});
	});
	return { places, edges, columns: columns.length, rows };
}

function edgesOf(steps: readonly LayoutStep[]): Array<[number, number]> {
	const indexOf = new Map(steps.map(({ path }, index) => [path, index]));
	return steps.flatMap(({ after }, to) =>
		[...new Set(after)]
			.map((path) => indexOf.get(path))
			.filter((from): from is number => from !== undefined && from !== to)
			.map((from): [number, number] => [from, to]),
	);
}

/** Steps by the length of the longest way that leads to them. */
function layersOf(count: number, edges: ReadonlyArray<[number, number]>): number[][] {
	const next: number[][] = Array.from({ length: count }, () => []);
	const open = new Array<number>(count).fill(0);
	for (const [from, to] of edges) {
		next[from]!.push(to);
		open[to]!++;
	}
	const layer = new Array<number>(count).fill(-1);
	const queue: number[] = [];
	const enter = (step: number, at: number) => {
		layer[step] = Math.max(layer[step]!, at);
		queue.push(step);
	};
	open.forEach((left, step) => left === 0 && enter(step, 0));
	for (let head = 0, loose = 0; queue.length < count || head < queue.length; ) {
		if (head === queue.length) {
			// Only loops are left: one is entered at its first step.
			while (open[loose]! <= 0) loose++;
			open[loose] = 0;
			enter(loose, Math.max(0, layer[loose]!));
		}
		const step = queue[head++]!;
		for (const to of next[step]!) {
			if (open[to]! <= 0) continue;
			layer[to] = Math.max(layer[to]!, layer[step]! + 1);
			if (--open[to]! === 0) queue.push(to);
		}
	}
	const layers: number[][] = [];
	layer.forEach((at, step) => (layers[at] ??= []).push(step));
	return layers;
}

function neighboursOf(count: number, edges: ReadonlyArray<[number, number]>): number[][] {
	const neighbours: number[][] = Array.from({ length: count }, () => []);
	for (const [from, to] of edges) {
		neighbours[from]!.push(to);
		neighbours[to]!.push(from);
	}
	return neighbours;
}

/** Sorts every layer by the mean place of the steps that its steps are joined with. */
function arrange(layers: number[][], neighbours: readonly number[][]): void {
	const height = new Map<number, number>();
	for (const layer of layers) {
		layer.forEach((step, row) => height.set(step, (row + 0.5) / layer.length));
	}
	for (const layer of layers) {
		const wish = new Map(
			layer.map((step) => {
				const around = neighbours[step]!.map((other) => height.get(other)!);
				const own = height.get(step)!;
				const sum = around.reduce((total, at) => total + at, 0);
				return [step, around.length === 0 ? own : sum / around.length];
			}),
		);
		layer.sort((one, other) => wish.get(one)! - wish.get(other)!);
		layer.forEach((step, row) => height.set(step, (row + 0.5) / layer.length));
	}
}

/** A long column as several of nearly the same length. */
function wrapped(layer: number[], maxRows: number): number[][] {
	const parts = Math.ceil(layer.length / maxRows);
	const length = Math.ceil(layer.length / parts);
	return Array.from({ length: parts }, (_, part) =>
		layer.slice(part * length, (part + 1) * length),
	);
}
