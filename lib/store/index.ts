export * from './errors';
export * from './memoryStore';
export * from './store';
export { openSqliteStore, type SqliteOptions } from './drivers/sqlite';
