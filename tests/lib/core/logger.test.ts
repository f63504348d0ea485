import { boundLogger, silentLogger, type Logger } from '../../../lib/core/logger';

describe('boundLogger', () => {
	it('adds its fields to each line; those of the line win', () => {
		const lines: unknown[] = [];
		const logger: Logger = { log: (...line) => lines.push(line) };
		const bound = boundLogger(logger, { runId: 'r1', step: 'a' });
		bound.log('warn', 'Slow.', { step: 'b', ms: 5 });
		bound.log('info', 'Done.');
		expect(lines).toEqual([
			['warn', 'Slow.', { runId: 'r1', step: 'b', ms: 5 }],
			['info', 'Done.', { runId: 'r1', step: 'a' }],
		]);
	});
});

describe('silentLogger', () => {
	it('keeps nothing', () => {
		expect(silentLogger.log('error', 'Lost.')).toBeUndefined();
	});
});
