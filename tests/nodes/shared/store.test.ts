import type { IExecuteFunctions } from 'n8n-workflow';

import { checkStoreForWebhooks, openStore } from '../../../nodes/shared/store';

/** A node as a webhook has it: without sub-workflows. */
const fromWebhook = (store: string) =>
	({
		getNode: () => ({ name: 'Review', parameters: { store } }),
		getCredentials: async () => await Promise.resolve({}),
		helpers: {},
	}) as unknown as IExecuteFunctions;

describe('the built-in store in queue mode', () => {
	const before = process.env.EXECUTIONS_MODE;
	beforeEach(() => {
		process.env.EXECUTIONS_MODE = 'queue';
	});
	afterEach(() => {
		if (before === undefined) delete process.env.EXECUTIONS_MODE;
		else process.env.EXECUTIONS_MODE = before;
	});

	it('says to a webhook which stores it can use', async () => {
		await expect(openStore(fromWebhook('builtIn'))).rejects.toMatchObject({
			code: 'STORE_NEEDS_CREDENTIAL',
			message: expect.stringContaining('does not let a webhook use Data Tables'),
			hint: expect.stringMatching(/PostgreSQL, Redis, libSQL or Upstash/),
		});
	});

	it('is refused before a node begins to wait for a webhook, and no other store is', () => {
		expect(() => checkStoreForWebhooks(fromWebhook('builtIn'))).toThrow(/Data Table/);
		expect(() => checkStoreForWebhooks(fromWebhook('credential'))).not.toThrow();
		process.env.EXECUTIONS_MODE = 'regular';
		expect(() => checkStoreForWebhooks(fromWebhook('builtIn'))).not.toThrow();
	});
});
