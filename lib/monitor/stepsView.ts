import { html, type Html } from '../page';
import type { RunPicture, StepPicture } from './runPicture';
import { bar, rangeOf, type TimeRange } from './timeline';
import { badge, duration, elapsed, usageText } from './words';

/** The steps of a run as a table with a time line in it. */
export function stepsView(run: RunPicture, now: number): Html {
	const range = rangeOf(run, now);
	const length = duration(range.to - range.from);
	return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of the steps">
		<table class="steps">
			<thead>
				<tr>
					<th scope="col">Step</th>
					<th scope="col">State</th>
					<th scope="col" class="wide">Time line (${length})</th>
					<th scope="col" class="number">Time</th>
					<th scope="col" class="number">Attempts</th>
					<th scope="col">Usage</th>
				</tr>
			</thead>
			<tbody data-key="rows">
				${run.steps.map((step) => row(step, range, now))}
			</tbody>
		</table>
	</div>`;
}

function row(step: StepPicture, range: TimeRange, now: number): Html {
	const { path, kind, status, attempts, startedAt, usage } = step;
	return html`<tr data-key="${path}">
		<th scope="row">${path}${kind !== undefined && html`<span class="kind">${kind}</span>`}</th>
		<td>
			${badge(status)}${step.reused && html`<span class="badge reused">Reused</span>`}${remarks(
				step,
			)}
		</td>
		<td class="wide">${bar(step, range, now)}</td>
		<td class="number">${startedAt !== undefined && elapsed(startedAt, step.endedAt, now)}</td>
		<td class="number">${attempts}</td>
		<td>${usage !== undefined && usageText(usage)}</td>
	</tr>`;
}

/** What a reader wants to know of this step: what it waits for, how far it is, what went wrong. */
function remarks({ blockedBy, message, error }: StepPicture): Html {
	return html`${blockedBy !== undefined && html`<p class="remark">${blockedBy}</p>`}${message !==
		undefined && html`<p class="remark">${message}</p>`}${error !== undefined &&
	html`<p class="remark error">
		${error.message}${error.hint !== undefined && html` <span class="hint">${error.hint}</span>`}
	</p>`}`;
}
