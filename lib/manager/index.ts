export { AgentRegistry, type AgentHealth, type RegisteredAgent } from './agentRegistry';
export { UnknownError, WrongStateError } from './errors';
export { type CleanupOptions, type ExecutionQuery } from './executions';
export { type ExecutionRecord } from './executionRecord';
export { type ExecutionResult, type ExecutionStatus, type PendingRequest } from './executionView';
export { Metrics } from './metrics';
export { prometheusText, type Labels, type MetricFamily, type Sample } from './prometheus';
export { WorkflowManager, type StartOptions, type WorkflowManagerOptions } from './workflowManager';
export { Workflows, type StoredWorkflow } from './workflows';
export {
	defineWorkflow,
	WorkflowBase,
	workflowClass,
	type WorkflowType,
	type WorkflowTypeContext,
} from './workflowType';
