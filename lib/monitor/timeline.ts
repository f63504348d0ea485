import { html, type Html } from '../page';
import type { RunPicture, StepPicture } from './runPicture';
import { toneOf } from './words';

/** The time that a run's chart covers, in milliseconds since the epoch. */
export interface TimeRange {
	from: number;
	to: number;
}

/** From the first start to the last end; while something goes on, to a little beyond now. */
export function rangeOf(run: RunPicture, now: number): TimeRange {
	let from = Infinity;
	let to = -Infinity;
	let goesOn = false;
	for (const { startedAt, endedAt } of run.steps) {
		if (startedAt === undefined) continue;
		from = Math.min(from, startedAt);
		to = Math.max(to, endedAt ?? now);
		goesOn ||= endedAt === undefined;
	}
	if (from === Infinity) return { from: run.createdAt, to: run.createdAt + 1 };
	const length = Math.max(to - from, 1);
	return { from, to: from + (goesOn ? roundedUp(length) : length) };
}

/**
 * Some room to grow, an eighth to a quarter of the length: as long as that lasts, the bars of steps
 * that have ended stay as they are, and an open page need not draw them again.
 */
function roundedUp(length: number): number {
	const part = 2 ** Math.floor(Math.log2(length)) / 4;
	return (Math.floor(length / part) + 1) * part;
}

/** Width of the chart in its own units. */
const WIDTH = 1000;

/** A step too short to see is drawn this wide. */
const MIN_WIDTH = 4;

/** The row of a step in the chart: a bar from its start to its end, or to now. */
export function bar(step: StepPicture, { from, to }: TimeRange, now: number): Html | false {
	const { startedAt, endedAt = now, status } = step;
	if (startedAt === undefined) return false;
	const scale = WIDTH / (to - from);
	const width = Math.max(MIN_WIDTH, (endedAt - startedAt) * scale);
	const x = Math.min((startedAt - from) * scale, WIDTH - width);
	return html`<svg
		class="bar"
		viewBox="0 0 ${WIDTH} 10"
		preserveAspectRatio="none"
		aria-hidden="true"
		focusable="false"
	>
		<rect
			class="${toneOf(status)}"
			x="${x.toFixed(1)}"
			y="1"
			width="${width.toFixed(1)}"
			height="8"
		/>
	</svg>`;
}
