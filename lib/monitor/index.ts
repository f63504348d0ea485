export { answerMonitorCall, contentOf, readMonitorQuery } from './monitorCall';
export { answerQuestionCall } from './answerCall';
export type { AnswerCall, AnswerOptions, GivenAnswer } from './answerCall';
export { answerLink, answerSecret } from './answerLink';
export { LivePages, STREAM_HEADERS } from './livePages';
export type { OpenPage, PageReader } from './livePages';
export { mergedRuns } from './mergedRuns';
export { nodeRuns } from './nodeRuns';
export { poolMetrics } from './poolMetrics';
export { storeMetrics } from './storeMetrics';
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
export { NOTICE_TYPES, noticesOf } from './notices';
export type { NoticeType, RunNotice } from './notices';
export { RunWatcher } from './watchRuns';
export type { WatcherOptions } from './watchRuns';
export * from './recording';
