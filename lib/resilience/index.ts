export * from './backoff';
export * from './call';
export * from './rateRules';
export * from './retry';
export * from './retryAfter';
export * from './retryPolicy';
export * from './timeout';
