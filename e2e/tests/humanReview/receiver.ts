/** A service on this machine that keeps what is posted to it. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '../../n8n/waitFor.ts';

export interface Received {
	path: string;
	headers: Record<string, string | string[] | undefined>;
	body: Record<string, unknown>;
}

export class Receiver {
	readonly received: Received[] = [];
	readonly #server: Server;
	readonly #answer: Record<string, unknown>;

	/** @param answer - the JSON that every request is answered with */
	constructor(answer: Record<string, unknown> = { ok: true }) {
		this.#answer = answer;
		this.#server = createServer((request, response) => {
			let text = '';
			request.on('data', (chunk: Buffer) => (text += chunk.toString()));
			request.on('end', () => {
				const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
				this.received.push({ path: request.url ?? '', headers: request.headers, body });
				response.setHeader('content-type', 'application/json');
				response.end(JSON.stringify(this.#answer));
			});
		});
	}

	async open(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** The bodies received so far, once there are as many as these. */
	async messages(count: number, timeoutMs = 20_000): Promise<Array<Record<string, unknown>>> {
		return await waitFor(
			`${count} messages`,
			async () => {
				const bodies = this.received.map(({ body }) => body);
				return await Promise.resolve(bodies.length >= count ? bodies : undefined);
			},
			{ timeoutMs },
		);
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
