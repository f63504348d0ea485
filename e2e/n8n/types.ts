/** The parts of n8n's REST answers that we read. */

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
	[other: string]: unknown;
}

/** What an exported workflow file holds. */
export interface WorkflowFile {
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
	pinData?: Record<string, unknown>;
}

export interface Workflow extends WorkflowFile {
	id: string;
	versionId: string;
	/** The published version, if any. */
	activeVersionId?: string | null;
	active: boolean;
}

export interface Credential {
	id: string;
	name: string;
	type: string;
}

export interface Item {
	json: Record<string, unknown>;
	error?: unknown;
	pairedItem?: unknown;
}

export interface NodeRun {
	startTime: number;
	executionTime: number;
	executionStatus?: string;
	data?: { main?: Array<Item[] | null> };
	error?: { message: string; description?: string | null };
	metadata?: Record<string, unknown>;
}

export type ExecutionStatus =
	| 'new'
	| 'running'
	| 'waiting'
	| 'success'
	| 'error'
	| 'canceled'
	| 'crashed'
	| 'unknown';

export interface ExecutionSummary {
	id: string;
	mode: string;
	status: ExecutionStatus;
	workflowId: string;
	startedAt: string;
	stoppedAt?: string;
}

export interface Execution extends ExecutionSummary {
	data: {
		resultData: {
			runData: Record<string, NodeRun[]>;
			error?: { message: string; description?: string | null };
			lastNodeExecuted?: string;
		};
	};
}

export interface Owner {
	email: string;
	password: string;
	firstName: string;
	lastName: string;
}
