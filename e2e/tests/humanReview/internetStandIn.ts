/**
 * The internet as far as a test needs it: a proxy that leads every host to one server on this
 * machine, which keeps the requests. Point `HTTPS_PROXY` at it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';

export interface InternetRequest {
	/** E.g. `POST slack.com/api/chat.postMessage`. */
	what: string;
	body: Record<string, unknown>;
}

export class InternetStandIn {
	readonly requests: InternetRequest[] = [];
	readonly #proxy: Server;
	readonly #service: Server;
	readonly #sockets = new Set<Socket>();

	constructor() {
		const { key, cert } = selfSigned();
		this.#service = createServer((request, response) => {
			let text = '';
			request.on('data', (chunk: Buffer) => (text += chunk.toString()));
			request.on('end', () => {
				const what = `${request.method} ${request.headers.host}${request.url}`;
				const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
				this.requests.push({ what, body });
				response.setHeader('content-type', 'application/json');
				response.end(JSON.stringify({ ok: true, id: '1', channel: 'D1', ts: '1', message: {} }));
			});
		});
		this.#proxy = createServer();
		this.#proxy.on('connect', (_request, socket: Socket) => {
			this.#sockets.add(socket);
			socket.on('error', () => socket.destroy());
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			const secure = new TLSSocket(socket, { isServer: true, key, cert });
			secure.on('error', () => socket.destroy());
			this.#service.emit('connection', secure);
		});
	}

	async open(): Promise<this> {
		await new Promise<void>((resolve) => this.#proxy.listen(0, '127.0.0.1', resolve));
		return this;
	}

	/** For the environment of the process that is to talk to it. */
	get environment(): Record<string, string> {
		const { port } = this.#proxy.address() as AddressInfo;
		return {
			HTTPS_PROXY: `http://127.0.0.1:${port}`,
			NO_PROXY: '127.0.0.1,localhost',
			// The stand-in's certificate is nobody's.
			NODE_TLS_REJECT_UNAUTHORIZED: '0',
		};
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((resolve) => this.#proxy.close(resolve));
	}
}

function selfSigned(): { key: Buffer; cert: Buffer } {
	const folder = mkdtempSync(path.join(tmpdir(), 'stand-in-'));
	const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
	const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	const subject = ['-subj', '/CN=stand-in', '-days', '2', '-keyout', key, '-out', cert];
	execFileSync('openssl', ['req', '-x509', ...options, ...subject], { stdio: 'pipe' });
	const files = { key: readFileSync(key), cert: readFileSync(cert) };
	rmSync(folder, { recursive: true, force: true });
	return files;
}
