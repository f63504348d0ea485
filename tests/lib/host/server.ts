import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as a test server saw it. */
export interface Seen {
	method: string;
	url: string;
	headers: IncomingMessage['headers'];
	body: string;
}

export interface LoopbackServer {
	/** `http://127.0.0.1:…` */
	origin: string;
	seen: Seen[];
	/** Resolves when the client has let go of every connection. */
	disconnected(): Promise<void>;
	close(): Promise<void>;
}

/** A real server on the loopback interface, for one test. */
export async function serve(
	answer: (request: Seen, response: ServerResponse, socket: Socket) => void,
): Promise<LoopbackServer> {
	const seen: Seen[] = [];
	const sockets = new Set<Socket>();
	let onEmpty = (): void => undefined;
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', url = '', headers, socket } = request;
			const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
			seen.push(one);
			answer(one, response, socket);
		});
	});
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.on('close', () => {
			sockets.delete(socket);
			if (sockets.size === 0) onEmpty();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		origin: `http://127.0.0.1:${port}`,
		seen,
		disconnected: async () =>
			await new Promise((resolve) => {
				onEmpty = resolve;
				if (sockets.size === 0) resolve();
			}),
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
