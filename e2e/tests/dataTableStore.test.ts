import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { expect } from 'expect';
import { installProbe } from '../n8n/package.ts';
import { root } from '../n8n/paths.ts';
import { n8nForTests } from './n8nForTests.ts';
import type { TestN8n } from './n8nForTests.ts';
import { loadSuite, openInN8n, publishProbe } from './storeInN8n.ts';

Object.assign(globalThis, { describe, it, beforeEach, afterEach, expect });
const suite = await loadSuite();

describe('the store on a Data Table', () => {
	let n8n: TestN8n;

	before(async () => {
		await installProbe(path.join(root, '.cache/e2e', `dataTableStore-${process.pid}`));
		n8n = await n8nForTests('dataTableStore');
		await publishProbe(n8n.client);
	});
	after(async () => await n8n.close());

	const connect = (table: string, clock: { now(): number }) =>
		Promise.resolve(openInN8n(n8n.client, suite, table, clock));

	suite.storeContract('Data Table in n8n', {
		open: (clock) => connect(`store_${randomBytes(6).toString('hex')}`, clock),
		reopen: (store, clock) => connect((store as { table: string }).table, clock),
	});
});
