export { AgentRegistry, type AgentHealth, type RegisteredAgent } from './agentRegistry';
export { UnknownError, WrongStateError } from './errors';
export { EventFeed, type EventQuery, type FedEvent } from './eventFeed';
export { type ExecutionDetail, type StepNode } from './executionDetail';
export { type CleanupOptions, type ExecutionQuery } from './executions';
export { type ExecutionRecord } from './executionRecord';
export {
	askedOf,
	type ExecutionResult,
	type ExecutionStatus,
	type PendingRequest,
} from './executionView';
export { type ExecutionSummary } from './executionSummary';
export { openExecutions } from './openExecutions';
export { LocalRuns } from './localRuns';
export { modelAgents, type AgentProfile, type ModelAgentsOptions } from './modelAgents';
export { Metrics } from './metrics';
export { prometheusText, type Labels, type MetricFamily, type Sample } from './prometheus';
export { type Recovery } from './recover';
export { type StartOptions } from './starter';
export { type WorkflowManagerOptions } from './managerOptions';
export { WorkflowManager } from './workflowManager';
export { awaitedChild } from './subworkflow';
export { Workflows, type StoredWorkflow } from './workflows';
export {
	defineWorkflow,
	WorkflowBase,
	workflowClass,
	type WorkflowType,
	type WorkflowTypeContext,
} from './workflowType';
