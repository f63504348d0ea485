import { isQueueMode } from '../../../lib';

describe('queue mode', () => {
	it('is what the setting says, and what workers and webhook processes are part of', () => {
		expect(isQueueMode({}, ['node', 'n8n', 'start'])).toBe(false);
		expect(isQueueMode({ EXECUTIONS_MODE: 'regular' }, ['node', 'n8n'])).toBe(false);
		expect(isQueueMode({ EXECUTIONS_MODE: 'queue' }, ['node', 'n8n', 'start'])).toBe(true);
		expect(isQueueMode({}, ['node', 'n8n', 'worker', '--concurrency=5'])).toBe(true);
		expect(isQueueMode({}, ['node', 'n8n', 'webhook'])).toBe(true);
	});
});
