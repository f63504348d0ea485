import { abortErrorOf } from '../resilience';

/**
 * The end of a piece of work, or the abort, whichever comes first: for work that may not listen
 * to its signal. What it gives after the abort is nobody's business any more.
 *
 * @throws {AbortError} (or the signal's own engine error) when `signal` aborts first
 */
export async function untilAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (signal === undefined) return await work;
	return await new Promise<T>((resolve, reject) => {
		const abort = () => reject(abortErrorOf(signal));
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		work.finally(() => signal.removeEventListener('abort', abort)).then(resolve, reject);
	});
}
