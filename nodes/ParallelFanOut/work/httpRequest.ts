import type { IExecuteFunctions } from 'n8n-workflow';

import { nodeHttpClient } from '../../shared/http';
import { parameterReader } from '../../shared/parameters';
import { httpRequestSchema } from '../parameters';
import { properties } from '../properties';
import type { Work } from '../task';
import { call } from './call';

/** Each task is a call of a web service. */
export function httpRequestWork(context: IExecuteFunctions): Work {
	const read = parameterReader(context, httpRequestSchema, properties);
	const http = nodeHttpClient(context);
	return {
		defaultAttempts: 3,
		retriesItself: false,
		tasksOf: ([itemIndex = 0]) => {
			const { method, url, body, options } = read(itemIndex);
			const request = { method, url, body, headers: options.headers };
			return [
				{ input: request, run: async ({ signal }) => await call(http, { ...request, signal }) },
			];
		},
	};
}
