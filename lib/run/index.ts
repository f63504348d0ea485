export * from './journal';
export * from './records';
