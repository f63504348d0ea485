export * from './adaptiveConcurrency';
export * from './adaptiveGate';
export {
	Allocation,
	PoolTicket,
	type AllocationState,
	type PoolHandlers,
	type PoolLimit,
	type PoolRequest,
} from './allocation';
export type { PoolEvent } from './dispatcher';
export * from './poolGate';
export type { ResourcePoolOptions } from './poolOptions';
export type { Amounts, PoolSnapshot } from './poolSnapshot';
export type { ResourceUsage } from './poolUsage';
export * from './priorityQueue';
export type { Quota } from './quotas';
export {
	DEFAULT_REQUIREMENTS,
	priorityClass,
	RESOURCE_TYPES,
	type ResourceRequirements,
	type ResourceType,
} from './requirements';
export * from './resourcePool';
export { Waiting, WaitingQueue } from './waitingQueue';
