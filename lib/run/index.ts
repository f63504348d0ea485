export * from './checkpoints';
export * from './delta';
export * from './journal';
export * from './ledger';
export * from './records';
export * from './runDocument';
export * from './stateLog';
export * from './steps';
export type { CompletedRecord, CorruptRow, LedgerEntry, LedgerRecord } from './stepRecord';
