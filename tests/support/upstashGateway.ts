import { Redis } from 'ioredis';

import { startGateway, type Gateway } from './httpGateway';

/** Upstash's REST API in front of a real Redis: commands as JSON lists, one by one or in a pipeline. */
export async function startUpstashGateway(redisUrl: string, token: string): Promise<Gateway> {
	const redis = new Redis(redisUrl);
	const run = async ([command, ...args]: Array<string | number>): Promise<object> =>
		await redis.call(String(command), ...args).then(
			(result) => ({ result }),
			(error: Error) => ({ error: error.message }),
		);
	const gateway = await startGateway(token, async ({ path, headers, body }) => {
		const data = JSON.parse(body) as Array<string | number>;
		const encode = headers['upstash-encoding'] === 'base64' ? base64 : (value: unknown) => value;
		if (/pipeline|multi-exec/.test(path)) {
			const commands = data as unknown as Array<Array<string | number>>;
			return { status: 200, body: (await Promise.all(commands.map(run))).map(encode) };
		}
		const result = await run(data);
		return { status: 'error' in result ? 400 : 200, body: encode(result) };
	});
	return {
		url: gateway.url,
		close: async () => {
			await gateway.close();
			redis.disconnect();
		},
	};
}

/** Texts in base64, as the official client asks for them. */
function base64(value: unknown): unknown {
	if (typeof value === 'string') return Buffer.from(value).toString('base64');
	if (Array.isArray(value)) return value.map(base64);
	if (typeof value !== 'object' || value === null) return value;
	const { result, error } = value as { result?: unknown; error?: string };
	return error === undefined ? { result: base64(result) } : { error };
}
