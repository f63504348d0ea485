import { Metrics, prometheusText, type RunEvent } from '../../../lib';
import { quantile } from '../../../lib/manager/metrics';
import { errorOf } from '../workflow/errorOf';

describe('prometheusText', () => {
	it('writes help, type and one line a sample', () => {
		expect(
			prometheusText([
				{
					name: 'a_total',
					help: 'All a.',
					type: 'counter',
					samples: [
						{ labels: {}, value: 1 },
						{ labels: { x: 'y', z: '2' }, value: 0.5 },
					],
				},
				{
					name: 'b:seconds',
					help: '',
					type: 'summary',
					samples: [{ suffix: '_sum', labels: {}, value: 1e21 }],
				},
				{ name: 'c', help: 'none', type: 'gauge', samples: [] },
			]),
		).toBe(
			[
				'# HELP a_total All a.',
				'# TYPE a_total counter',
				'a_total 1',
				'a_total{x="y",z="2"} 0.5',
				'# HELP b:seconds ',
				'# TYPE b:seconds summary',
				'b:seconds_sum 1e+21',
				'# HELP c none',
				'# TYPE c gauge',
				'',
			].join('\n'),
		);
	});

	it('escapes what would end a text or a line', () => {
		const text = prometheusText([
			{
				name: 'a',
				help: 'back\\slash, "quote"\nand line',
				type: 'gauge',
				samples: [{ labels: { l: 'back\\slash, "quote"\nand line' }, value: 1 }],
			},
		]);
		expect(text).toBe(
			'# HELP a back\\\\slash, "quote"\\nand line\n# TYPE a gauge\na{l="back\\\\slash, \\"quote\\"\\nand line"} 1\n',
		);
	});

	it.each([
		[NaN, 'NaN'],
		[Infinity, '+Inf'],
		[-Infinity, '-Inf'],
		[-1.5, '-1.5'],
	])('writes %d as %s', (value, written) => {
		const samples = [{ labels: {}, value }];
		expect(prometheusText([{ name: 'a', help: '', type: 'gauge', samples }])).toContain(
			`a ${written}\n`,
		);
	});

	it.each([
		['1a', {}, '"1a" is no name of a metric for Prometheus.'],
		['a-b', {}, '"a-b" is no name of a metric for Prometheus.'],
		['a b', {}, '"a b" is no name of a metric for Prometheus.'],
		['a', { 'l:1': 'x' }, '"l:1" is no name of a label for Prometheus.'],
		['a', { '1': 'x' }, '"1" is no name of a label for Prometheus.'],
	])('refuses the names %s %j', (name, labels, message) => {
		const family = { name, help: '', type: 'gauge' as const, samples: [{ labels, value: 1 }] };
		expect(errorOf(() => prometheusText([family]))).toMatchObject({
			message,
			hint: 'Use letters, digits and underscores, and no digit at the beginning.',
		});
	});
});

describe('quantile', () => {
	it.each([
		[[], 0.5, NaN],
		[[7], 0.95, 7],
		[[3, 1, 2], 0.5, 2],
		[[4, 3, 1, 2], 0.5, 2],
		[[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 0.95, 10],
		[[2, 1], 0, 1],
	])('of %j at %d is %d', (values, share, value) => {
		expect(quantile(values, share)).toBe(value);
	});

	it('leaves the values as they are', () => {
		const values = [2, 1];
		quantile(values, 0.5);
		expect(values).toEqual([2, 1]);
	});
});

describe('Metrics', () => {
	const event = (at: number, type: string, stepPath?: string): RunEvent => ({
		seq: 1,
		at,
		runId: 'r',
		type,
		...(stepPath && { stepPath }),
	});

	it('counts runs and steps from their events', () => {
		const metrics = new Metrics();
		const sink = metrics.sinkFor('w');
		for (const one of [
			event(0, 'run.running'),
			event(1000, 'step.started', 'a'),
			event(2000, 'step.retry', 'a'),
			event(3000, 'step.started', 'a'),
			event(4000, 'step.completed', 'a'),
			event(4000, 'step.started', 'a#2'),
			event(9000, 'step.failed', 'a#2'),
			event(9000, 'step.skipped', 'b'),
			event(9000, 'run.running'),
			event(10_000, 'run.failed'),
		]) {
			void sink(one);
		}
		const lines = metrics
			.text()
			.split('\n')
			.filter((line) => !line.startsWith('#'));
		expect(lines).toEqual([
			'agent_swarm_runs_total{workflow="w",status="failed"} 1',
			'agent_swarm_runs_active{workflow="w"} 0',
			'agent_swarm_run_duration_seconds{workflow="w",quantile="0.5"} 10',
			'agent_swarm_run_duration_seconds{workflow="w",quantile="0.95"} 10',
			'agent_swarm_run_duration_seconds_sum{workflow="w"} 10',
			'agent_swarm_run_duration_seconds_count{workflow="w"} 1',
			'agent_swarm_steps_total{workflow="w",step="a",status="completed"} 1',
			'agent_swarm_steps_total{workflow="w",step="a",status="failed"} 1',
			'agent_swarm_steps_total{workflow="w",step="b",status="skipped"} 1',
			'agent_swarm_step_retries_total{workflow="w",step="a"} 1',
			'agent_swarm_step_duration_seconds{workflow="w",step="a",quantile="0.5"} 3',
			'agent_swarm_step_duration_seconds{workflow="w",step="a",quantile="0.95"} 5',
			'agent_swarm_step_duration_seconds_sum{workflow="w",step="a"} 8',
			'agent_swarm_step_duration_seconds_count{workflow="w",step="a"} 2',
			'',
		]);
	});

	it('does not count a run as ended that never began, nor one that goes on', () => {
		const metrics = new Metrics();
		void metrics.sinkFor('w')(event(0, 'run.cancelled'));
		void metrics.sinkFor('w')(event(0, 'run.running'));
		expect(metrics.text()).not.toContain('runs_total{');
		expect(metrics.text()).toContain('agent_swarm_runs_active{workflow="w"} 1\n');
	});

	it('does not count a run as active that was let go of, however often it is taken up', () => {
		const metrics = new Metrics();
		for (let i = 0; i < 2; i++) {
			void metrics.sinkFor('w')(event(0, 'run.running'));
			void metrics.sinkFor('w')(event(0, 'run.running'));
			expect(metrics.text()).toContain('agent_swarm_runs_active{workflow="w"} 1\n');
			metrics.letGo('r');
			metrics.letGo('r');
			expect(metrics.text()).toContain('agent_swarm_runs_active{workflow="w"} 0\n');
		}
	});

	it('tells quantiles of the latest thousand durations only', () => {
		const metrics = new Metrics();
		const sink = metrics.sinkFor('w');
		const step = (seconds: number) => {
			void sink(event(0, 'step.started', 's'));
			void sink(event(seconds * 1000, 'step.completed', 's'));
		};
		for (let i = 0; i < 1000; i++) step(1);
		for (let i = 0; i < 1000; i++) step(2);
		expect(metrics.text()).toContain('quantile="0.5"} 2\n');
		expect(metrics.text()).toContain('step_duration_seconds_count{workflow="w",step="s"} 2000\n');
	});
});

describe('Metrics', () => {
	it('count the times of a loop and the items of a group as one step', () => {
		const metrics = new Metrics();
		const sink = metrics.sinkFor('w');
		for (const stepPath of ['each/1/inner#2/all/x', 'each/2/inner#3/all/x', 'each#2']) {
			void sink({ seq: 1, at: 0, runId: 'r', type: 'step.retry', stepPath });
		}
		const text = metrics.text();
		expect(text).toContain('{workflow="w",step="each/*/inner/all/x"} 2\n');
		expect(text).toContain('{workflow="w",step="each"} 1\n');
	});
});
