import { Endpoints } from '../../lib';
import { n8nRuntime } from './runtime';

/** The circuit breakers and rate limits of this process; every node that calls models shares them. */
export const endpoints = new Endpoints(n8nRuntime);
