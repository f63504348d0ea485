import type { Usage } from '../core';
import { html, type Html } from '../page';
import type { RunStatus, StepStatus } from '../run';

/** What a state is called on the page. */
export const STATE_WORDS: Readonly<Record<RunStatus | StepStatus, string>> = {
	pending: 'Not started',
	blocked: 'Blocked',
	ready: 'Ready',
	queued: 'In line',
	running: 'Running',
	backing_off: 'Will try again',
	waiting: 'Waiting',
	pausing: 'Pausing',
	paused: 'Paused',
	cancelling: 'Being cancelled',
	completed: 'Completed',
	failed: 'Failed',
	skipped: 'Skipped',
	cancelled: 'Cancelled',
	timed_out: 'Out of time',
};

/** Which colour a state has; the names are those of the style sheet. */
export type Tone = 'idle' | 'busy' | 'wait' | 'done' | 'bad' | 'gone';

const TONES: Readonly<Record<RunStatus | StepStatus, Tone>> = {
	pending: 'idle',
	blocked: 'idle',
	ready: 'idle',
	queued: 'idle',
	running: 'busy',
	backing_off: 'wait',
	waiting: 'wait',
	pausing: 'wait',
	paused: 'wait',
	cancelling: 'wait',
	completed: 'done',
	failed: 'bad',
	skipped: 'gone',
	cancelled: 'gone',
	timed_out: 'bad',
};

/** The colour of a state. */
export function toneOf(status: RunStatus | StepStatus): Tone {
	return TONES[status];
}

/** A state in its colour; the word is there too, for those who see no colours. */
export function badge(status: RunStatus | StepStatus): Html {
	return html`<span class="badge ${toneOf(status)}">${STATE_WORDS[status]}</span>`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in at most two units: `340 ms`, `4.2 s`, `3 min 5 s`, `2 d 4 h`. */
export function duration(milliseconds: number): string {
	if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
	const seconds = Math.round(milliseconds / 1000);
	if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
	if (seconds < MINUTE) return `${seconds} s`;
	if (seconds < HOUR) return pair(seconds, MINUTE, 'min', 1, 's');
	if (seconds < DAY) return pair(seconds, HOUR, 'h', MINUTE, 'min');
	return pair(seconds, DAY, 'd', HOUR, 'h');
}

function pair(seconds: number, large: number, unit: string, small: number, rest: string): string {
	const left = Math.floor((seconds % large) / small);
	return `${Math.floor(seconds / large)} ${unit}${left > 0 ? ` ${left} ${rest}` : ''}`;
}

/** How long something took, or takes as of now; then the page counts on. */
export function elapsed(startedAt: number, endedAt: number | undefined, now: number): Html {
	if (endedAt !== undefined) return html`<span>${duration(endedAt - startedAt)}</span>`;
	return html`<span data-since="${startedAt}">${duration(now - startedAt)}</span>`;
}

/** A moment in universal time; where scripts run, in the reader's own. */
export function moment(at: number): Html {
	const iso = new Date(at).toISOString();
	const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
	return html`<time datetime="${iso}">${text}</time>`;
}

/** Tokens as people read them: `950`, `12.4k`, `3.1M`. */
export function tokens(count: number): string {
	if (count < 1000) return String(count);
	if (count < 999_500) return `${trimmed(count / 1000)}k`;
	return `${trimmed(count / 1_000_000)}M`;
}

function trimmed(value: number): string {
	return value < 100 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
}

/** US dollars, with as many places as it takes to see small sums; an unknown price says so. */
export function cost(costUsd: number | null): string {
	if (costUsd === null) return 'unknown';
	if (costUsd === 0) return '$0';
	return costUsd < 0.01 ? `$${costUsd.toPrecision(2)}` : `$${costUsd.toFixed(2)}`;
}

/** Tokens and cost in one line; a dash when nothing was used. */
export function usageText({ calls, totalTokens, costUsd }: Usage): string {
	if (calls === 0 && totalTokens === 0) return '–';
	return `${tokens(totalTokens)} tokens, ${cost(costUsd)}`;
}
