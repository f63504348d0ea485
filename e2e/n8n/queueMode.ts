/** n8n as it runs on several machines: one main, workers, PostgreSQL and Redis between them. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { startPostgres } from '../services/postgres.ts';
import type { PostgresService } from '../services/postgres.ts';
import { startRedis } from '../services/redis.ts';
import type { RedisService } from '../services/redis.ts';
import { n8nEnvironment } from './environment.ts';
import { installPackage } from './package.ts';
import { freePort } from './ports.ts';
import { n8nProcess } from './process.ts';
import type { N8nProcess } from './process.ts';
import { started, startN8n } from './server.ts';
import type { N8nServer } from './server.ts';
import { waitFor } from './waitFor.ts';

export interface QueueModeOptions {
	/** Holds a folder for each process. */
	folder: string;
	/** How many workers. Default 2. */
	workers?: number;
	/** Added to the environment of all processes. */
	env?: Record<string, string>;
}

export interface Worker extends N8nProcess {
	/** `worker-1`, `worker-2`, … */
	readonly name: string;
	/** Whether it has begun this execution, by its log. */
	hasBegun(executionId: string): Promise<boolean>;
}

export interface QueueMode {
	readonly main: N8nServer;
	readonly workers: Worker[];
	readonly postgres: PostgresService;
	readonly redis: RedisService;
	/** Waits until a worker has begun an execution, and says which. */
	workerOf(executionId: string): Promise<Worker>;
	/** Stops all processes and servers; the folders stay. */
	close(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000;

/** What makes n8n processes one n8n. */
const shared = (postgres: PostgresService, redis: RedisService): Record<string, string> => ({
	DB_TYPE: 'postgresdb',
	DB_POSTGRESDB_DATABASE: postgres.database,
	DB_POSTGRESDB_HOST: '127.0.0.1',
	DB_POSTGRESDB_PORT: String(postgres.port),
	DB_POSTGRESDB_USER: postgres.user,
	EXECUTIONS_MODE: 'queue',
	N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	QUEUE_BULL_REDIS_HOST: '127.0.0.1',
	QUEUE_BULL_REDIS_PORT: String(redis.port),
	// A worker that was killed is noticed after seconds, not after a minute and a half.
	QUEUE_WORKER_LOCK_DURATION: '5000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
	QUEUE_WORKER_STALLED_INTERVAL: '2000',
});

async function startWorker(
	name: string,
	folder: string,
	main: N8nServer,
	env: Record<string, string>,
): Promise<Worker> {
	const userFolder = path.join(folder, name);
	const port = await freePort();
	const environment = {
		...n8nEnvironment({ userFolder, port, brokerPort: await freePort() }),
		...env,
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		// A worker makes the links that the main process answers.
		N8N_PORT: String(main.port),
		WEBHOOK_URL: `${main.url}/`,
	};
	await mkdir(userFolder, { recursive: true });
	await installPackage(userFolder);
	const command = ['worker', '--concurrency=5'];
	const worker = n8nProcess({
		command,
		environment,
		userFolder,
		port,
		startTimeoutMs: START_TIMEOUT_MS,
	});
	const hasBegun = async (executionId: string): Promise<boolean> => {
		const log = await readFile(worker.logFile, 'utf8');
		return log.includes(`Worker started execution ${executionId} (`);
	};
	return await started({ ...worker, name, hasBegun });
}

/**
 * Starts PostgreSQL, Redis, n8n's main process and its workers, each process with a user folder
 * (and so a built-in store) of its own, as on machines of their own.
 */
export async function startQueueMode(options: QueueModeOptions): Promise<QueueMode> {
	const { folder, workers: count = 2, env = {} } = options;
	const opened: Array<{ stop(): Promise<void> }> = [];
	const close = async (): Promise<void> => {
		for (const one of opened.reverse().splice(0)) await one.stop();
	};
	const open = async (): Promise<QueueMode> => {
		const postgres = await startPostgres();
		opened.push({ stop: () => Promise.resolve(postgres.remove()) });
		const redis = await startRedis();
		opened.push({ stop: redis.remove });
		const common = { ...shared(postgres, redis), ...env };
		const main = await startN8n({ userFolder: path.join(folder, 'main'), env: common });
		opened.push(main);
		const names = Array.from({ length: count }, (_, index) => `worker-${index + 1}`);
		const workers: Worker[] = [];
		for (const name of names) {
			const worker = await startWorker(name, folder, main, common);
			opened.push(worker);
			workers.push(worker);
		}
		const workerOf = (executionId: string): Promise<Worker> =>
			waitFor(`a worker to begin execution ${executionId}`, async () => {
				const begun = await Promise.all(workers.map((worker) => worker.hasBegun(executionId)));
				return workers[begun.indexOf(true)];
			});
		return { main, workers, postgres, redis, workerOf, close };
	};
	return await open().catch(async (error: unknown) => {
		await close();
		return Promise.reject(error);
	});
}
