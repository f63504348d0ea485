/** Names and shapes of the flagship example, `examples/research-brief.json`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './n8n/paths.ts';
import type { Execution } from './n8n/types.ts';

export const FLAGSHIP = 'research-brief';
export const WEBHOOK_PATH = 'research-brief';

export const nodes = {
	byHand: 'Run by Hand',
	bySchedule: 'Every Morning',
	search: 'Search the Documents',
	agents: 'Three Roles at Once',
	editor: 'Editor',
	review: 'Review the Brief',
	result: 'Save the Outcome',
} as const;

export interface Question {
	key: string;
	question: string;
	documents: Array<{ title: string; url?: string; text: string }>;
}

/** The body to send to the webhook: `examples/requests/research-brief.json`. */
export function sampleQuestion(key: string): Question {
	const file = path.join(root, 'examples/requests/research-brief.json');
	return { ...(JSON.parse(readFileSync(file, 'utf8')) as Question), key };
}

/** What the webhook answers at once: the work has begun, or it was done before. */
export interface WebhookAnswer {
	status: 'started' | 'approved';
	executionId: string;
	key: string;
	reused: boolean;
	brief?: string;
}

export interface Outcome {
	status: 'approved' | 'rejected' | 'noDecision';
	key: string;
	question: string;
	brief: string;
	summary: string;
	sources: Array<{ n: number; title: string; url?: string }>;
	decidedBy?: string;
	comment?: string;
	modelCalls?: number;
}

/** The page that the reviewer opens. */
export function reviewUrlOf(execution: Execution): string {
	const url = execution.data.resultData.runData[nodes.review]?.at(-1)?.metadata?.resumeUrl;
	if (typeof url === 'string') return url;
	throw new Error(`Execution ${execution.id} has no review link yet.`);
}
