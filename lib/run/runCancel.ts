import { AbortError, parseJson, type Runtime, type Timer } from '../core';
import type { Store } from '../store';

const COLLECTION = 'runCancels';

/** How often a run looks for a wish of another process unless told otherwise, in milliseconds. */
const LOOK_MS = 1000;

/** Who listens in this process, by run. */
const listeners = new Map<string, Set<(reason: AbortError) => void>>();

/** Somebody's wish that a run of nodes should end. */
export interface CancelWish {
	/** When it was made, in milliseconds since the epoch. It holds for what runs then. */
	at: number;
	message: string;
}

/** Where wishes lie, and the run they are about. */
export interface WishPlace {
	store: Store;
	runtime: Runtime;
	runId: string;
}

/** Asks all nodes that work for a run to stop: at once in this process, within a second in others. */
export async function cancelRun(
	{ store, runtime, runId }: WishPlace,
	message = 'The run was cancelled.',
): Promise<void> {
	const wish: CancelWish = { at: runtime.now(), message };
	const value = JSON.stringify(wish);
	await store.put({ collection: COLLECTION, id: runId, version: 'any', value, runId });
	for (const tell of listeners.get(runId) ?? []) tell(reasonOf(wish));
}

/** The wish to end a run, if there is one that was made since then. */
export async function cancelWish(
	store: Pick<Store, 'get'>,
	runId: string,
	since: number,
): Promise<CancelWish | undefined> {
	const document = await store.get(COLLECTION, runId);
	const wish = document && (parseJson(document.value) as unknown as CancelWish);
	return wish !== undefined && wish.at >= since ? wish : undefined;
}

/**
 * Listens for the wish to end a run, made from now on.
 *
 * @param place - with `lookMs`: pauses between looks for wishes of other processes. Default 1000
 * @param onWish - called once at most
 * @returns what ends the listening
 */
export function onRunCancelled(
	place: WishPlace & { lookMs?: number },
	onWish: (reason: AbortError) => void,
): () => void {
	const { store, runtime, runId, lookMs = LOOK_MS } = place;
	const since = runtime.now();
	let timer: Timer | undefined;
	const stop = (): void => {
		timer?.cancel();
		timer = undefined;
		const others = listeners.get(runId);
		others?.delete(hear);
		if (others?.size === 0) listeners.delete(runId);
	};
	const hear = (reason: AbortError): void => {
		stop();
		onWish(reason);
	};
	const look = async (): Promise<void> => {
		// A store that cannot be reached just now says nothing.
		const wish = await cancelWish(store, runId, since).catch(() => undefined);
		if (timer === undefined) return;
		if (wish !== undefined) hear(reasonOf(wish));
		else timer = runtime.setTimer(lookMs, () => void look());
	};
	listeners.set(runId, (listeners.get(runId) ?? new Set()).add(hear));
	timer = runtime.setTimer(lookMs, () => void look());
	return stop;
}

function reasonOf({ message, at }: CancelWish): AbortError {
	return new AbortError(message, { details: { cause: { kind: 'user', message, at } } });
}
