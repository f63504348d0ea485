import type { EventSink, RunEvent } from '../core';
import type { AgentHealth } from './agentRegistry';
import { prometheusText, type Labels, type MetricFamily, type Sample } from './prometheus';

/** Latest values a summary keeps to tell its quantiles. */
const WINDOW = 1000;

const QUANTILES = [0.5, 0.95] as const;

/** A number for each set of labels. */
class Series {
	private readonly values = new Map<string, { labels: Labels; value: number }>();

	add(labels: Labels, by: number): void {
		const key = JSON.stringify(labels);
		const entry = this.values.get(key);
		if (entry === undefined) this.values.set(key, { labels, value: by });
		else entry.value += by;
	}

	get samples(): Sample[] {
		return [...this.values.values()];
	}
}

interface Durations {
	labels: Labels;
	count: number;
	sum: number;
	latest: number[];
}

/** Durations for each set of labels: count, sum, median and 95th percentile of the latest. */
class Summary {
	private readonly entries = new Map<string, Durations>();

	observe(labels: Labels, value: number): void {
		const key = JSON.stringify(labels);
		const entry = this.entries.get(key) ?? { labels, count: 0, sum: 0, latest: [] };
		entry.latest[entry.count % WINDOW] = value;
		entry.count++;
		entry.sum += value;
		this.entries.set(key, entry);
	}

	get samples(): Sample[] {
		return [...this.entries.values()].flatMap(({ labels, count, sum, latest }) => [
			...QUANTILES.map((q) => ({
				labels: { ...labels, quantile: String(q) },
				value: quantile(latest, q),
			})),
			{ suffix: '_sum', labels, value: sum },
			{ suffix: '_count', labels, value: count },
		]);
	}
}

/** The value below which a share of the values lies; one of them, by the nearest rank. */
export function quantile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((first, second) => first - second);
	return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

const STEP_END = /^step\.(completed|failed|skipped|cancelled|timed_out)$/;
const RUN_END = /^run\.(completed|failed|cancelled|timed_out)$/;

/** Counts what runs do, from their events, for all runs of a manager. */
export class Metrics {
	private readonly runs = new Series();
	private readonly active = new Series();
	/** The workflows of the runs that are under way here, by the ids of the runs. */
	private readonly here = new Map<string, string>();
	private readonly runSeconds = new Summary();
	private readonly steps = new Series();
	private readonly retries = new Series();
	private readonly stepSeconds = new Summary();

	/** A receiver of the events of one run of a workflow. */
	sinkFor(workflow: string): EventSink {
		const started = new Map<string, number>();
		let runStarted: number | undefined;
		return (event) => {
			const run = RUN_END.exec(event.type);
			if (event.type === 'run.running' && runStarted === undefined) {
				runStarted = event.at;
				this.take(event.runId, workflow);
			} else if (run !== null && runStarted !== undefined) {
				this.letGo(event.runId);
				this.runs.add({ workflow, status: run[1]! }, 1);
				this.runSeconds.observe({ workflow }, (event.at - runStarted) / 1000);
			} else if (event.stepPath !== undefined) {
				this.stepEvent(event, event.stepPath, workflow, started);
			}
		};
	}

	/** A run is not under way here any more: it is paused, waits in the store, or runs elsewhere. */
	letGo(runId: string): void {
		const workflow = this.here.get(runId);
		if (workflow === undefined) return;
		this.here.delete(runId);
		this.active.add({ workflow }, -1);
	}

	private take(runId: string, workflow: string): void {
		if (this.here.has(runId)) return;
		this.here.set(runId, workflow);
		this.active.add({ workflow }, 1);
	}

	private stepEvent(
		{ type, at }: RunEvent,
		path: string,
		workflow: string,
		started: Map<string, number>,
	): void {
		const step = stepOf(path);
		if (type === 'step.retry') this.retries.add({ workflow, step }, 1);
		if (type === 'step.started' && !started.has(path)) started.set(path, at);
		const end = STEP_END.exec(type);
		if (end === null) return;
		this.steps.add({ workflow, step, status: end[1]! }, 1);
		const since = started.get(path);
		if (since !== undefined) this.stepSeconds.observe({ workflow, step }, (at - since) / 1000);
		started.delete(path);
	}

	/** Everything as data. */
	families(agents: readonly AgentHealth[] = []): MetricFamily[] {
		const counter = (name: string, help: string, samples: readonly Sample[]): MetricFamily => ({
			name: `agent_swarm_${name}`,
			help,
			type: 'counter',
			samples,
		});
		return [
			counter('runs_total', 'Runs that have ended, by how they ended.', this.runs.samples),
			{
				...counter('runs_active', 'Runs under way in this process.', this.active.samples),
				type: 'gauge',
			},
			{
				...counter(
					'run_duration_seconds',
					'Time from the start of a run to its end.',
					this.runSeconds.samples,
				),
				type: 'summary',
			},
			counter('steps_total', 'Steps that have ended, by how they ended.', this.steps.samples),
			counter(
				'step_retries_total',
				'Attempts that failed and were repeated.',
				this.retries.samples,
			),
			{
				...counter(
					'step_duration_seconds',
					'Time from the first attempt of a step to its end.',
					this.stepSeconds.samples,
				),
				type: 'summary',
			},
			counter('agent_tasks_total', 'Tasks that agents have ended.', agents.flatMap(taskSamples)),
		];
	}

	/** Everything in Prometheus' text format; see {@link prometheusText}. */
	text(agents: readonly AgentHealth[] = []): string {
		return prometheusText(this.families(agents));
	}
}

function taskSamples({ name, completed, failed }: AgentHealth): Sample[] {
	return [
		{ labels: { agent: name, result: 'completed' }, value: completed },
		{ labels: { agent: name, result: 'failed' }, value: failed },
	];
}

/** The step of an execution. Times of a loop and items of a group count as one, so that labels are few. */
function stepOf(path: string): string {
	return path.replace(/#\d+(?=\/|$)/g, '').replace(/\/\d+(?=\/)/g, '/*');
}
