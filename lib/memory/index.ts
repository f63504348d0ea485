export * from './thread';
export type * from './knowledge';
export * from './storedKnowledge';
export type { TextEmbedder, Vector } from './vectors';
