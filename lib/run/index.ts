export * from './journal';
export * from './ledger';
export * from './records';
export * from './runDocument';
export * from './steps';
export type { CompletedRecord, CorruptRow, LedgerEntry, LedgerRecord } from './stepRecord';
