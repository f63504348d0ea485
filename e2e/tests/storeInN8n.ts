/** A store on a Data Table of a real n8n, for the suite that every store passes. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chain, node, webhook } from '../n8n/build.ts';
import type { N8nClient } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';

interface Clock {
	now(): number;
}

interface Answer {
	value?: unknown;
	error?: { code: string; message: string; retryable: boolean };
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** What the bundled suite exports: `tests/lib/store/contract.ts` and two classes of its errors. */
interface Suite {
	storeContract(
		name: string,
		setup: {
			open(clock: Clock): Promise<unknown>;
			reopen(store: unknown, clock: Clock): Promise<unknown>;
		},
	): void;
	EngineError: new (code: string, message: string, info: { retryable: boolean }) => Error;
	ValidationError: new (message: string) => Error;
}

/** Compiles the suite for plain Node; it finds `describe`, `it` and `expect` where jest has them. */
export async function loadSuite(): Promise<Suite> {
	const outfile = path.join(root, '.cache/e2e/storeContract.mjs');
	await build({
		stdin: {
			contents: `export { storeContract } from './tests/lib/store/contract';
				export { EngineError, ValidationError } from './lib';`,
			resolveDir: root,
		},
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		banner: {
			js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
		},
		external: ['pg-native'],
		logLevel: 'error',
	});
	return (await import(pathToFileURL(outfile).href)) as Suite;
}

const METHODS = [
	'append',
	'read',
	'cut',
	'get',
	'put',
	'list',
	'remove',
	'measureRun',
	'removeRun',
];

/** Publishes the workflow that the stores of {@link openInN8n} call. */
export async function publishProbe(client: N8nClient): Promise<void> {
	const probe = node('Probe', 'n8n-nodes-agent-swarm-probe.storeProbe');
	const file = chain(
		'Store probe',
		webhook('store-probe', { responseData: 'firstEntryJson' }),
		probe,
	);
	await client.publish(await client.createWorkflow(file));
}

/** Calls of one moment are one request: they share a connection, as in a process. */
export function openInN8n(client: N8nClient, suite: Suite, table: string, clock: Clock) {
	let waiting: Array<{ method: string; args: unknown[]; settle: (answer: Answer) => void }> = [];
	const send = async (): Promise<void> => {
		const batch = waiting;
		waiting = [];
		const calls = batch.map(({ method, args }) => ({ method, args }));
		const { data } = await client.callWebhook('store-probe', { table, now: clock.now(), calls });
		const answers = data.answers as Answer[] | undefined;
		const failed = {
			error: { code: 'NO_ANSWER', message: JSON.stringify(data), retryable: false },
		};
		batch.forEach(({ settle }, index) => settle(answers?.[index] ?? failed));
	};
	const call = async (method: string, args: unknown[]): Promise<unknown> => {
		const { value, error } = await new Promise<Answer>((settle) => {
			waiting.push({ method, args, settle });
			if (waiting.length === 1) queueMicrotask(() => void send());
		});
		if (error === undefined) return value ?? undefined;
		const { code, message, retryable } = error;
		throw code === 'VALIDATION'
			? new suite.ValidationError(message)
			: new suite.EngineError(code, message, { retryable });
	};
	const methods = METHODS.map((name): [string, Method] => [name, (...args) => call(name, args)]);
	return {
		...Object.fromEntries(methods),
		name: table,
		table,
		close: () => Promise.resolve(),
	};
}
