/**
 * The public API of the engine. Nodes and standalone programs import from here and nowhere else.
 * The plain-Node host (`lib/host`) has an entry of its own, so that n8n never loads it.
 */
export * from './core';
export * from './resilience';
export * from './resources';
export * from './budget';
export * from './store';
export * from './run';
export * from './scheduler';
export * from './human';
export * from './llm';
export * from './memory';
export * from './agent';
export * from './workflow';
export * from './search';
export * from './manager';
export * from './monitor';
