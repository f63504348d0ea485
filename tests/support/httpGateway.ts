import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a gateway sees it. */
export interface GatewayRequest {
	method: string;
	path: string;
	headers: IncomingHttpHeaders;
	body: string;
}

/** An answer, sent as JSON. */
export interface GatewayAnswer {
	status: number;
	body: unknown;
}

/** An HTTP server on a free port of the loopback interface. */
export interface Gateway {
	url: string;
	close(): Promise<void>;
}

/** Starts a gateway that refuses every request without the token. */
export async function startGateway(
	token: string,
	answer: (request: GatewayRequest) => Promise<GatewayAnswer>,
): Promise<Gateway> {
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = 'GET', url: path = '/', headers } = request;
			const body = Buffer.concat(chunks).toString('utf8');
			const refused = headers.authorization !== `Bearer ${token}`;
			const answering = refused
				? Promise.resolve({ status: 401, body: { error: 'Unauthorized' } })
				: answer({ method, path, headers, body });
			void answering.then((result) => {
				response.writeHead(result.status, { 'content-type': 'application/json' });
				response.end(JSON.stringify(result.body));
			});
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
