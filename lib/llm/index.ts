export { ANTHROPIC_VERSION, anthropicChatModel } from './anthropic';
export * from './answerCache';
export * from './chatModel';
export * from './endpoints';
export {
	badAnswer,
	type CallTarget,
	embeddedError,
	hostOf,
	statusError,
	tryParse,
} from './modelErrors';
export * from './models';
export * from './modelSession';
export type * from './modelSessionTypes';
export { openAiChatModel, type OpenAiOptions } from './openAi';
export * from './sse';
export { estimateInputTokens, estimateTokens, usageOf, type ReportedUsage } from './tokens';
export * from './untilAborted';
export * from './toolSchema';
