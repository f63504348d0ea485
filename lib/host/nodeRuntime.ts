import { randomUUID } from 'node:crypto';

import type { Runtime, Timer } from '../core';

export interface NodeRuntimeOptions {
	/**
	 * Whether a waiting timer keeps the process alive. A program that only runs workflows needs it,
	 * since a pause before a retry may be all there is to wait for; a server that ends on its own
	 * terms does not. Default true.
	 */
	keepAlive?: boolean;
}

/** Longest time that Node's timers can wait at once, in milliseconds: almost 25 days. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** Time, chance and identity of this process. */
export function nodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
	const { keepAlive = true } = options;
	const setTimer = (ms: number, callback: () => void): Timer =>
		ms <= 0 ? soon(callback) : later(ms, callback, keepAlive);
	return {
		now: () => Date.now(),
		monotonic: () => performance.now(),
		setTimer,
		sleep: (ms, signal) => sleep(ms, signal, setTimer),
		random: () => Math.random(),
		newId: () => randomUUID(),
	};
}

function soon(callback: () => void): Timer {
	const immediate = setImmediate(callback);
	return { cancel: () => clearImmediate(immediate) };
}

function later(ms: number, callback: () => void, keepAlive: boolean): Timer {
	const start = (left: number): NodeJS.Timeout => {
		const part = Math.min(left, LONGEST_TIMEOUT);
		const timeout = setTimeout(() => {
			if (left > part) current = start(left - part);
			else callback();
		}, part);
		return keepAlive ? timeout : timeout.unref();
	};
	let current = start(ms);
	return { cancel: () => clearTimeout(current) };
}

async function sleep(
	ms: number,
	signal: AbortSignal | undefined,
	setTimer: Runtime['setTimer'],
): Promise<void> {
	signal?.throwIfAborted();
	if (ms <= 0) return;
	await new Promise<void>((resolve, reject) => {
		const abort = (): void => {
			timer.cancel();
			reject(signal!.reason as Error);
		};
		const timer = setTimer(ms, () => {
			signal?.removeEventListener('abort', abort);
			resolve();
		});
		signal?.addEventListener('abort', abort, { once: true });
	});
}
