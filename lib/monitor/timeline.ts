import { html, type Html } from '../page';
import type { RunPicture, StepPicture } from './runPicture';
import { toneOf } from './words';

/** The time that a run's chart covers, in milliseconds since the epoch. */
export interface TimeRange {
	from: number;
	to: number;
}

/** From the first start to the last end, or to now while something goes on. */
export function rangeOf(run: RunPicture, now: number): TimeRange {
	let from = Infinity;
	let to = -Infinity;
	for (const { startedAt, endedAt = now } of run.steps) {
		if (startedAt === undefined) continue;
		from = Math.min(from, startedAt);
		to = Math.max(to, endedAt);
	}
	if (from === Infinity) return { from: run.createdAt, to: run.createdAt + 1 };
	return { from, to: Math.max(to, from + 1) };
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
