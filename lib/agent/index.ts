export * from './agentTask';
export type { Guard } from './answer';
export type { Conversation } from './conversation';
export * from './outputFormat';
export * from './outputJson';
export * from './outputLabel';
export type { QualityGate, Review } from './qualityGate';
export * from './tool';
export * from './untrusted';
