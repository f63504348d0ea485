/** Free ports on the loopback interface. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** Listens for a moment: 0 asks the system for any free port. */
function tryPort(port: number): Promise<number | undefined> {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.once('error', () => resolve(undefined));
		probe.listen(port, LOOPBACK, () => {
			const { port: found } = probe.address() as AddressInfo;
			probe.close(() => resolve(found));
		});
	});
}

/**
 * A port nobody listens on.
 *
 * @param preferred - taken when it is free, e.g. the port of the last start
 */
export async function freePort(preferred?: number): Promise<number> {
	const kept = preferred ? await tryPort(preferred) : undefined;
	const port = kept ?? (await tryPort(0));
	return port ?? Promise.reject(new Error('No free port on 127.0.0.1.'));
}
