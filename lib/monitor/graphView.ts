import { html, plain, type Html } from '../page';
import { layoutGraph, type GraphLayout } from './graphLayout';
import type { StepPicture } from './runPicture';
import { STATE_WORDS, toneOf } from './words';

/** How the steps of a graph are drawn, in pixels. */
interface Shape {
	width: number;
	height: number;
	columnGap: number;
	rowGap: number;
	maxRows: number;
}

const BOXES: Shape = { width: 190, height: 46, columnGap: 52, rowGap: 14, maxRows: 14 };

/** Graphs with more steps are drawn as dots; their names are in the table below. */
const MAX_BOXES = 120;
const DOTS: Shape = { width: 14, height: 14, columnGap: 10, rowGap: 8, maxRows: 25 };

/** More lines than this hide more than they show. */
const MAX_EDGES = 2000;

/** Characters of a name that fit a box. */
const LABEL = 22;

const MARGIN = 12;

/** The steps of a run as a picture: who leads to whom, coloured by state. */
export function graphView(steps: readonly StepPicture[]): Html {
	const shape = steps.length <= MAX_BOXES ? BOXES : DOTS;
	const layout = layoutGraph(steps, shape.maxRows);
	const width = 2 * MARGIN + layout.columns * (shape.width + shape.columnGap) - shape.columnGap;
	const height = 2 * MARGIN + layout.rows * (shape.height + shape.rowGap) - shape.rowGap;

	return html`<div class="scroll" tabindex="0" role="region" aria-label="Graph of the steps">
		<svg
			class="graph"
			role="img"
			aria-label="${summary(steps)}"
			width="${width}"
			height="${height}"
		>
			${edgesView(layout, shape)}
			${steps.map((step, index) => stepView(step, index, layout, shape))}
		</svg>
	</div>`;
}

/** The picture in one sentence, for those who do not see it. */
function summary(steps: readonly StepPicture[]): string {
	const counts = new Map<string, number>();
	for (const { status } of steps) {
		const word = STATE_WORDS[status].toLowerCase();
		counts.set(word, (counts.get(word) ?? 0) + 1);
	}
	const parts = [...counts].map(([word, count]) => `${count} ${word}`);
	return `${steps.length} steps: ${parts.join(', ')}`;
}

function corner({ places }: GraphLayout, index: number, shape: Shape): { x: number; y: number } {
	const { column, row } = places[index]!;
	return {
		x: MARGIN + column * (shape.width + shape.columnGap),
		y: MARGIN + row * (shape.height + shape.rowGap),
	};
}

/** All lines as one path: a browser draws thousands of them as fast as one. */
function edgesView(layout: GraphLayout, shape: Shape): Html {
	const middle = shape.height / 2;
	const lines = layout.edges.slice(0, MAX_EDGES).map(([from, to]) => {
		const start = corner(layout, from, shape);
		const end = corner(layout, to, shape);
		const x = start.x + shape.width;
		const bend = shape.columnGap / 2;
		const curve = `${x + bend} ${start.y + middle} ${end.x - bend} ${end.y + middle}`;
		return `M${x} ${start.y + middle}C${curve} ${end.x} ${end.y + middle}`;
	});
	return html`<path class="edges" d="${lines.join('')}" />`;
}

function stepView(step: StepPicture, index: number, layout: GraphLayout, shape: Shape): Html {
	const { x, y } = corner(layout, index, shape);
	const tone = toneOf(step.status);
	const title = plain(`${step.path}: ${STATE_WORDS[step.status]}`);
	const box = html`<rect
		class="${tone}"
		width="${shape.width}"
		height="${shape.height}"
		rx="${shape === BOXES ? '9' : '4'}"
	/>`;
	const text =
		shape === BOXES &&
		html`<text class="name" x="12" y="20">${plain(shortened(step.path))}</text>
			<text class="state" x="12" y="36">${stateLine(step)}</text>`;
	return html`<g class="step" data-key="${step.path}" transform="translate(${x} ${y})"
		><title>${title}</title>${box}${text}</g
	>`;
}

function stateLine({ status, kind, reused }: StepPicture): string {
	const state = reused ? 'Reused' : STATE_WORDS[status];
	return kind === undefined ? state : `${kind} · ${state}`;
}

function shortened(text: string): string {
	const letters = [...text];
	return letters.length <= LABEL ? text : `${letters.slice(0, LABEL - 1).join('')}…`;
}
