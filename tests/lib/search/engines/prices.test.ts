import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
	braveEngine,
	exaEngine,
	firecrawlEngine,
	googleCseEngine,
	jinaEngine,
	serpApiEngine,
	serperEngine,
	tavilyEngine,
} from '../../../../lib';
import type { HttpClient } from '../../../../lib';

const unused = async () => await Promise.reject(new Error('not used'));
const http: HttpClient = { request: unused, stream: unused };
const key = { apiKey: 'k' };

const PAID = [
	braveEngine(http, key),
	exaEngine(http, key),
	firecrawlEngine(http, key),
	googleCseEngine(http, { ...key, engineId: 'x' }),
	jinaEngine(http, key),
	serpApiEngine(http, key),
	serperEngine(http, key),
	tavilyEngine(http, key),
];
const docs = readFileSync(path.join(__dirname, '../../../../docs/swarm-search.md'), 'utf8');

describe('what a call of an engine costs', () => {
	it.each(PAID.map(({ name, limits }) => ({ name, costUsd: limits?.costUsd })))(
		'is counted as the documentation says: $name',
		({ name, costUsd }) => {
			const [, price] = new RegExp(`${name} (\\d\\.\\d+)`).exec(docs) ?? [];
			expect(price).toBe(String(costUsd));
		},
	);

	it('is nothing where an engine is asked without a key', () => {
		expect(tavilyEngine(http, { keyless: true }).limits?.costUsd).toBe(0);
		expect(firecrawlEngine(http, { keyless: true }).limits?.costUsd).toBe(0);
	});
});
