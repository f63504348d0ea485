export type { TableCondition, TableMatch, Table, TableRow, TableStep } from './table';
export { tableStore, type TableStoreOptions } from './tableStore';
