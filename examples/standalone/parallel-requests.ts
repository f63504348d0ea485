/**
 * Calls many services at the same time, at most three at once, and tries again what fails. The
 * services are a small server in this program, so that it needs no network; one of them is broken at
 * first and one for good.
 *
 *     node examples/standalone/parallel-requests.ts
 */
import { createServer } from 'node:http';

import { httpKind, runWorkflow } from '../../dist/lib/index.js';
import { axiosHttpClient, nodeRuntime } from '../../dist/lib/host/index.js';

const calls = new Map<string, number>();
const server = createServer((request, response) => {
	const city = request.url!.slice(1);
	calls.set(city, (calls.get(city) ?? 0) + 1);
	const broken = city === 'atlantis' || (city === 'oslo' && calls.get(city) === 1);
	response.writeHead(broken ? 503 : 200, { 'content-type': 'application/json' });
	setTimeout(() => response.end(JSON.stringify({ city, degrees: city.length * 3 })), 200);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };

const workflow = {
	name: 'weather',
	steps: [
		{
			id: 'ask',
			kind: 'parallel',
			parameters: {
				over: '{{ input.cities }}',
				maxConcurrent: 3,
				errorMode: 'settle',
				steps: [
					{
						id: 'call',
						step_type: 'api_call',
						parameters: { url: '{{ input.service }}/{{ item }}' },
						retry: { max_retries: 2, initial_delay: 0.05 },
						timeout: 5,
					},
				],
			},
		},
	],
};

const runtime = nodeRuntime();
const kinds = [httpKind(axiosHttpClient())];
const cities = ['paris', 'oslo', 'lima', 'atlantis', 'tokyo', 'cairo'];
const input = { service: `http://127.0.0.1:${port}`, cities };

const started = runtime.monotonic();
const { output } = await runWorkflow(workflow, { runtime, kinds, input });
output.forEach(({ status, result, error }, index) => {
	const city = cities[index]!;
	const answer = status === 'completed' ? `${result.body.degrees} °C` : error.message;
	console.log(`${city.padEnd(10)} ${String(calls.get(city))} call(s)  ${answer}`);
});
const seconds = ((runtime.monotonic() - started) / 1000).toFixed(1);
const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
console.log(`${total} calls of 0.2 s each in ${seconds} s`);
server.close();
server.closeAllConnections();
