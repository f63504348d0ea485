/**
 * A small MCP server on loopback: JSON-RPC over streamable HTTP, with the tools that a test gives it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonSchema } from './protocol.ts';

export interface McpTool {
	name: string;
	description: string;
	inputSchema: JsonSchema;
	run(input: Record<string, unknown>): string;
}

export interface McpServer {
	/** `http://127.0.0.1:<port>/mcp` */
	readonly url: string;
	/** The arguments of each call of a tool. */
	readonly calls: Array<Record<string, unknown>>;
	close(): Promise<void>;
}

interface RpcRequest {
	id?: number | string;
	method: string;
	params?: { protocolVersion?: string; name?: string; arguments?: Record<string, unknown> };
}

/** Starts the server. */
export async function startMcpServer(tools: McpTool[]): Promise<McpServer> {
	const calls: Array<Record<string, unknown>> = [];

	function resultOf({ method, params = {} }: RpcRequest): unknown {
		switch (method) {
			case 'initialize':
				return {
					protocolVersion: params.protocolVersion ?? '2025-03-26',
					capabilities: { tools: {} },
					serverInfo: { name: 'stand-in', version: '1.0.0' },
				};
			case 'tools/list':
				return { tools };
			case 'tools/call': {
				const tool = tools.find(({ name }) => name === params.name);
				const input = params.arguments ?? {};
				calls.push(input);
				const text = tool === undefined ? `There is no tool ${params.name}.` : tool.run(input);
				return { content: [{ type: 'text', text }], isError: tool === undefined };
			}
		}
		return {};
	}

	const server = createServer((request, response) => {
		let text = '';
		request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
		request.on('end', () => {
			if (request.method !== 'POST') return response.writeHead(405).end();
			const rpc = JSON.parse(text) as RpcRequest;
			// A notification wants no answer.
			if (rpc.id === undefined) return response.writeHead(202).end();
			const answer = { jsonrpc: '2.0', id: rpc.id, result: resultOf(rpc) };
			response.writeHead(200, { 'content-type': 'application/json' });
			return response.end(JSON.stringify(answer));
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/mcp`,
		calls,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
