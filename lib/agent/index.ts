export * from './agentTask';
export type * from './agentTaskTypes';
export type { Guard } from './answer';
export type { Conversation } from './conversation';
export * from './guards';
export * from './outputFormat';
export * from './outputJson';
export * from './outputLabel';
export type { QualityGate, Review } from './qualityGate';
export * from './tool';
export * from './untrusted';
export { Agent } from './agent';
export { defineAgent } from './defineAgent';
export type * from './agentTypes';
export {
	AgentContext,
	type HumanInputOptions,
	type StateDependency,
	type StateFunction,
	type StateOptions,
	type StateReader,
	type StateResult,
} from './context';
export * from './machine';
export { type Reducer, type ReducerName } from './reducers';
