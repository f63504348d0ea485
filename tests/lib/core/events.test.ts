import { EventStream, VirtualRuntime, type LogLevel, type RunEvent } from '../../../lib';

describe('the events of a run', () => {
	const runtime = new VirtualRuntime({ startAt: 5000 });

	it('are numbered without a gap, with time, run, path, attempt and data', () => {
		const stream = new EventStream('r1', runtime);
		const events: RunEvent[] = [];
		stream.subscribe((event) => void events.push(event));
		stream.emit('run.running');
		stream.emit('step.retry', 'a', 2, { delayMs: 10 });
		expect(events).toEqual([
			{ seq: 1, at: 5000, runId: 'r1', type: 'run.running' },
			{
				seq: 2,
				at: 5000,
				runId: 'r1',
				type: 'step.retry',
				stepPath: 'a',
				attempt: 2,
				data: { delayMs: 10 },
			},
		]);
		expect(stream.seq).toBe(2);
	});

	it('are counted even when nobody listens, and go on from a given number', () => {
		const stream = new EventStream('r1', runtime, undefined, 8);
		stream.emit('step.ready');
		expect(stream.seq).toBe(8);
		const seen: number[] = [];
		stream.subscribe(({ seq }) => void seen.push(seq));
		stream.emit('step.ready');
		expect(seen).toEqual([9]);
	});

	it('stop for a sink that is removed', () => {
		const stream = new EventStream('r1', runtime);
		const seen: string[] = [];
		const remove = stream.subscribe(({ type }) => void seen.push(type));
		stream.emit('a');
		remove();
		stream.emit('b');
		expect(seen).toEqual(['a']);
	});

	it('reach the other sinks when one throws, which is disabled after three errors', () => {
		const lines: Array<[LogLevel, string, unknown]> = [];
		const logger = {
			log: (level: LogLevel, message: string, fields?: unknown) =>
				void lines.push([level, message, fields]),
		};
		const stream = new EventStream('r1', runtime, logger);
		let calls = 0;
		stream.subscribe(() => {
			calls++;
			throw new Error('disk full');
		});
		const seen: number[] = [];
		stream.subscribe(({ seq }) => void seen.push(seq));
		for (let i = 0; i < 5; i++) stream.emit('x');
		expect(calls).toBe(3);
		expect(seen).toEqual([1, 2, 3, 4, 5]);
		const fields = (errors: number) => ({ runId: 'r1', errors, error: 'disk full' });
		expect(lines).toEqual([
			['warn', 'An event sink failed.', fields(1)],
			['warn', 'An event sink failed.', fields(2)],
			['warn', 'An event sink failed and is disabled.', fields(3)],
		]);
	});

	it('count a rejected promise of a sink as an error, and anything else it returns as fine', async () => {
		const stream = new EventStream('r1', runtime);
		let calls = 0;
		stream.subscribe(async () => {
			calls++;
			await Promise.reject(new Error('no'));
		});
		let others = 0;
		stream.subscribe((() => ++others) as unknown as () => void);
		for (let i = 0; i < 5; i++) {
			stream.emit('x');
			await runtime.drain();
		}
		expect(calls).toBe(3);
		expect(others).toBe(5);
	});
});
