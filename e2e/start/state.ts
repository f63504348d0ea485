/** What `npm start` keeps between two starts: below `.cache/start`, or `--data=<folder>`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { newOwner } from '../n8n/client.ts';
import { root } from '../n8n/paths.ts';
import type { Owner } from '../n8n/types.ts';

export interface State {
	owner: Owner;
	/** The port of the last start: links of waiting reviews stay valid when it is free again. */
	port?: number;
	/** By file name: which workflow was made of it, and from which content. */
	imported: Record<string, { workflowId: string; contentHash: string }>;
}

const chosen = process.argv.find((argument) => argument.startsWith('--data='));

export const dataFolder = chosen
	? path.resolve(chosen.slice('--data='.length))
	: path.join(root, '.cache/start');

const file = path.join(dataFolder, 'state.json');

export function readState(): State {
	try {
		return JSON.parse(readFileSync(file, 'utf8')) as State;
	} catch {
		return { owner: newOwner(), imported: {} };
	}
}

/** Readable by its owner only: it holds the password. */
export function saveState(state: State): void {
	mkdirSync(dataFolder, { recursive: true });
	writeFileSync(file, JSON.stringify(state, null, '\t'), { mode: 0o600 });
}
