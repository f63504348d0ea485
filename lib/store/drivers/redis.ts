import type { Redis } from 'ioredis';

import { EngineError, messageOf } from '../../core';
import { StoreUnavailableError, UNTRUSTED } from '../errors';
import { redisStore, type RedisScripting } from '../redisStore';
import type { Store, StoreClock } from '../store';

/** How {@link openRedisStore} connects. */
export interface RedisOptions {
	/** `redis://` or, for TLS, `rediss://`; may hold user, database number and port. */
	url: string;
	/** Kept out of the address, so that it never gets into messages. Default: none. */
	password?: string;
	clock: StoreClock;
	/** Begins every key. Default `agent_swarm`. */
	prefix?: string;
	/** Whether to accept any certificate. Default false. */
	allowAnyCertificate?: boolean;
	/** How long to wait for a connection or an answer, in milliseconds. Default 10000. */
	timeoutMs?: number;
}

/**
 * Opens the store on a Redis server.
 *
 * @throws {EngineError} class `auth` when it refuses the password
 * @throws {StoreUnavailableError} when it cannot be reached
 */
export async function openRedisStore(options: RedisOptions): Promise<Store> {
	const { Redis: Client } = await import('ioredis');
	const { url, password, timeoutMs = 10_000 } = options;
	let opened = false;
	const client = new Client(url, {
		...(password === undefined || password === '' ? {} : { password }),
		...(options.allowAnyCertificate === true ? { tls: { rejectUnauthorized: false } } : {}),
		lazyConnect: true,
		connectTimeout: timeoutMs,
		commandTimeout: timeoutMs,
		maxRetriesPerRequest: 2,
		// A command that was cut off may have been done: the caller decides, who can look.
		autoResendUnfulfilledCommands: false,
		// After a failover the same name may lead to the new primary.
		reconnectOnError: (error) => error.message.startsWith('READONLY'),
		// The first connection tells whether the credential is right; later ones come back by themselves.
		retryStrategy: (times) => (opened ? Math.min(2000, times * 100) : null),
	});
	// Every command reports its own failure; without a listener the process would end.
	let reason: unknown;
	client.on('error', (error: unknown) => (reason = error));
	const redis = scripting(client, `Redis at ${new URL(url).host}`);
	const { clock, prefix } = options;
	const connected = client.connect().then(async () => await client.ping());
	return await connected.then(
		() => {
			opened = true;
			return redisStore({ redis, clock, ...(prefix === undefined ? {} : { prefix }) });
		},
		async (error: unknown) => {
			if (client.status !== 'end') client.disconnect();
			// The event says why; the promise often only that the connection is closed.
			return await Promise.reject(redisError(redis.name, reason ?? error));
		},
	);
}

function scripting(client: Redis, name: string): RedisScripting {
	const digests = new Map<string, string>();
	const first: RedisScripting['run'] = async (script, prefix, args) => {
		const value = await client
			.eval(script, 1, prefix, ...args)
			.catch((error: unknown) => Promise.reject(redisError(name, error)));
		digests.set(script, await digest(script));
		return value;
	};
	return {
		name,
		run: async (script, prefix, args) => {
			const known = digests.get(script);
			if (known === undefined) return await first(script, prefix, args);
			return await client.evalsha(known, 1, prefix, ...args).catch((error: unknown) =>
				// The server was restarted or its scripts were flushed.
				messageOf(error).startsWith('NOSCRIPT')
					? first(script, prefix, args)
					: Promise.reject(redisError(name, error)),
			);
		},
		close: async () => {
			if (client.status === 'end') return;
			await client.quit().catch(() => client.disconnect());
		},
	};
}

/** SHA-1 is how Redis names scripts. */
async function digest(script: string): Promise<string> {
	const hash = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(script));
	return Buffer.from(hash).toString('hex');
}

const HINTS: ReadonlyArray<[RegExp, string]> = [
	[/^OOM/, 'Redis has reached its memory limit. Give it more, or prune old runs.'],
	[/^READONLY/, 'This server is a replica. Use the address of the primary.'],
	[/^LOADING/, 'Redis is still starting. Try again in a moment.'],
	[/^MISCONF/, 'Redis cannot write to its disk. Free some space there.'],
	[/certificate/i, UNTRUSTED],
];

function redisError(name: string, error: unknown): EngineError {
	const message = messageOf(error);
	if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(message)) {
		return new EngineError('STORE_UNAVAILABLE', `The store (${name}) refused: ${message}`, {
			errorClass: 'auth',
			hint: 'Check the password and, in the URL, the user of the credential.',
		});
	}
	const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1];
	return new StoreUnavailableError(name, `answer: ${message}`, {
		cause: error,
		...(hint === undefined ? {} : { hint }),
	});
}
