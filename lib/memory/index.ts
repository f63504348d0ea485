export * from './thread';
export type * from './knowledge';
