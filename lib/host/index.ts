/**
 * The engine in a plain Node program: real timers, real ids, HTTP by axios. Has an entry of its own,
 * because n8n brings all of this itself and must never load it.
 */
export { axiosHttpClient, type AxiosHttpClientOptions } from './axiosHttpClient';
export { consoleLogger } from './consoleLogger';
export { nodeRuntime, type NodeRuntimeOptions } from './nodeRuntime';
