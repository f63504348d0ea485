export { CANCEL_PATH, END_PATH, UNDO_PATH } from './ending';
export * from './combine';
export { CLOCK_PATH } from './runClock';
export { runCheckpointSchema, type RunCheckpoint } from './checkpointRecord';
export {
	goTo,
	type CompensationContext,
	type DependencyResult,
	type Effect,
	type EffectOptions,
	type GraphDefinition,
	type GraphStep,
	type StepBody,
	type BodyContext,
	type WaitForOptions,
} from './definition';
export * from './dependency';
export * from './fanOut';
export * from './fanOutTypes';
export { defineGraph, type CheckedGraph } from './graph';
export { type GraphRun } from './graphRun';
export { type WaitReason, type RunMetrics } from './metrics';
export { type CancelMode, type Completion, type GraphRunOptions } from './options';
export { type Progress } from './progress';
export { RunMeter, type RunReport, type Spread } from './runMeter';
export { type RunResult } from './runResult';
export { restoreGraph, startGraph, type RestoreOptions } from './startGraph';
export { type AnswerReceipt } from './answering';
