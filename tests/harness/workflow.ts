import type { IConnections, IWorkflowBase, IWorkflowSettings } from 'n8n-workflow';

import type { TestNode } from './graph';

/** A workflow of test nodes. */
export interface TestWorkflow {
	nodes: readonly TestNode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	/** Whether it may be used in production. Default true; a draft only works in manual runs. */
	published?: boolean;
}

/** A workflow as n8n stores it. */
export function stored({
	id,
	nodes,
	connections,
	settings,
}: TestWorkflow & { id: string }): IWorkflowBase {
	const now = new Date(0);
	return {
		id,
		name: id,
		// Copies: the engine marks the nodes that it resumes as disabled.
		nodes: structuredClone(nodes.map(({ node }) => node)),
		connections,
		settings: { executionOrder: 'v1', ...settings },
		active: true,
		isArchived: false,
		activeVersionId: '1',
		createdAt: now,
		updatedAt: now,
	};
}
