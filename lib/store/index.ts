export * from './blobs';
export * from './errors';
export * from './lease';
export * from './memoryStore';
export * from './recordCodec';
export * from './store';
export { defaultStorePath } from './drivers/location';
export { openSqliteStore, type SqliteOptions } from './drivers/sqlite';
