import { once } from 'node:events';
import { createServer } from 'node:http';

/** A service on loopback that answers everything, but takes its time. */
export async function slowService(delayMs) {
	const server = createServer((_request, response) => {
		setTimeout(() => {
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end('{"found":true}');
		}, delayMs);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		url: `http://127.0.0.1:${server.address().port}/`,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
