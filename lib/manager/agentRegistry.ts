import { messageOf, type Runtime } from '../core';
import type { AgentCall } from '../workflow';
import { didYouMean } from '../workflow/closest';
import { UnknownError } from './errors';

/** Something that does tasks, by name. */
export interface RegisteredAgent {
	name: string;
	description?: string;
	/** Does one task; what it returns is the step's output. */
	run(call: AgentCall): unknown;
}

/** How an agent has been doing lately. */
export interface AgentHealth {
	name: string;
	/** `degraded` after a failure, `unhealthy` after three in a row. */
	status: 'healthy' | 'degraded' | 'unhealthy';
	/** Tasks under way. */
	running: number;
	completed: number;
	failed: number;
	/** Failures since the last success. */
	failuresInARow: number;
	lastError?: string;
	/** Milliseconds since the epoch. */
	lastUsedAt?: number;
	/** Mean duration of ended tasks, in milliseconds. */
	meanDurationMs?: number;
}

const UNHEALTHY_AFTER = 3;

interface Entry {
	agent: RegisteredAgent;
	running: number;
	completed: number;
	failed: number;
	failuresInARow: number;
	totalMs: number;
	lastError?: string;
	lastUsedAt?: number;
}

/** The agents that steps can name, and how they are. */
export class AgentRegistry {
	private readonly entries = new Map<string, Entry>();

	constructor(private readonly runtime: Pick<Runtime, 'now' | 'monotonic'>) {}

	/** Adds an agent, or replaces the one of the same name together with its history. */
	register(agent: RegisteredAgent): void {
		const counts = { running: 0, completed: 0, failed: 0, failuresInARow: 0, totalMs: 0 };
		this.entries.set(agent.name, { agent, ...counts });
	}

	/** @returns whether there was one */
	unregister(name: string): boolean {
		return this.entries.delete(name);
	}

	get names(): string[] {
		return [...this.entries.keys()];
	}

	/**
	 * Gives a task to the agent it names; without a name to the only agent there is.
	 *
	 * @throws {UnknownError} when there is no such agent
	 */
	async run(call: AgentCall): Promise<unknown> {
		const entry = this.find(call.agent);
		const startedAt = this.runtime.monotonic();
		entry.running++;
		entry.lastUsedAt = this.runtime.now();
		return await Promise.resolve()
			.then(() => entry.agent.run(call))
			.then((output: unknown) => {
				entry.completed++;
				entry.failuresInARow = 0;
				return output;
			})
			.catch((error: Error) => {
				entry.failed++;
				entry.failuresInARow++;
				entry.lastError = messageOf(error);
				return Promise.reject(error);
			})
			.finally(() => {
				entry.running--;
				entry.totalMs += this.runtime.monotonic() - startedAt;
			});
	}

	/** How every agent is doing. */
	health(): AgentHealth[] {
		return [...this.entries.values()].map(healthOf);
	}

	private find(name: string | undefined): Entry {
		const known = this.names;
		const wanted = name ?? (known.length === 1 ? known[0]! : '');
		const entry = this.entries.get(wanted);
		if (entry !== undefined) return entry;
		const hint = `Register it, or use one of: ${known.join(', ')}${didYouMean(wanted, known)}.`;
		throw new UnknownError('agent', wanted, hint);
	}
}

function healthOf({ agent, totalMs, ...counts }: Entry): AgentHealth {
	const { failuresInARow, completed, failed } = counts;
	const bad = failuresInARow >= UNHEALTHY_AFTER ? 'unhealthy' : 'degraded';
	const ended = completed + failed;
	return {
		name: agent.name,
		status: failuresInARow === 0 ? 'healthy' : bad,
		...counts,
		...(ended === 0 ? {} : { meanDurationMs: totalMs / ended }),
	};
}
