export { answerMonitorCall } from './monitorCall';
export { mergedRuns } from './mergedRuns';
export { nodeRuns } from './nodeRuns';
export { workflowRuns } from './workflowRuns';
export type { MonitorReply, RunSource } from './monitorCall';
export type {
	CheckpointPicture,
	PictureError,
	ReviewPicture,
	RunLine,
	RunPicture,
	StepPicture,
} from './runPicture';
