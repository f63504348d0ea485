export * from './fanOut';
export * from './fanOutTypes';
