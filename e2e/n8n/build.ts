/** Short ways to write a workflow for a test. */
import { createHash } from 'node:crypto';
import type { WorkflowFile, WorkflowNode } from './types.ts';

/** n8n wants UUIDs; the same name gives the same one. */
function uuidOf(name: string): string {
	const hex = createHash('sha256').update(name).digest('hex');
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`4${hex.slice(13, 16)}`,
		`8${hex.slice(17, 20)}`,
		hex.slice(20, 32),
	].join('-');
}

const COLUMN = 220;
let placed = 0;

/**
 * @param type - e.g. `n8n-nodes-base.set`; our own nodes without the package: `swarmSearch`
 * @param more - `typeVersion` (default 1), `position`, `credentials`, `onError`, …
 */
export function node(
	name: string,
	type: string,
	parameters: Record<string, unknown> = {},
	more: Partial<WorkflowNode> = {},
): WorkflowNode {
	return {
		id: uuidOf(name),
		name,
		type: type.includes('.') ? type : `n8n-nodes-agent-swarm.${type}`,
		typeVersion: 1,
		position: [COLUMN * placed++, 0],
		parameters,
		...more,
	};
}

/** A webhook that starts a workflow; answers with the last node's items unless told otherwise. */
export const webhook = (path: string, parameters: Record<string, unknown> = {}): WorkflowNode =>
	node(
		'Webhook',
		'n8n-nodes-base.webhook',
		{
			httpMethod: 'POST',
			path,
			responseMode: 'lastNode',
			responseData: 'allEntries',
			...parameters,
		},
		{ typeVersion: 2, webhookId: uuidOf(path) },
	);

/** Nodes one behind the other. */
export function chain(name: string, ...nodes: WorkflowNode[]): WorkflowFile {
	const connections = Object.fromEntries(
		nodes
			.slice(0, -1)
			.map((from, index) => [
				from.name,
				{ main: [[{ node: nodes[index + 1]?.name, type: 'main', index: 0 }]] },
			]),
	);
	return { name, nodes, connections, settings: { executionOrder: 'v1' } };
}
