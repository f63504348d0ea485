import { z } from 'zod';

import { EngineError, hashOf, parse, parseJson, sha256, type Json, type Runtime } from '../core';
import { isStoreConflict, type Store, type StoredDocument } from '../store';

/** Where receipts are kept. */
export const RECEIPTS = 'receipts';

const receiptSchema = z.object({
	schemaVersion: z.literal(1),
	runKey: z.string(),
	name: z.string(),
	status: z.enum(['claimed', 'done']),
	/** Who claimed it, for messages. */
	claimedBy: z.string(),
	/** Milliseconds since the epoch. */
	claimedAt: z.number(),
	confirmedAt: z.number().optional(),
	result: z.unknown().optional(),
	/** How often it was claimed. */
	attempt: z.number().int(),
	/** Of the latest claim. Receipts of earlier versions have none: there the attempt stands for it. */
	token: z.number().int().optional(),
});

/** Tokens are whole numbers that JSON keeps as they are. */
const LAST_TOKEN = 2 ** 48;

/** What is known of a side effect that is to happen once. */
export interface Receipt {
	runKey: string;
	name: string;
	claimedBy: string;
	claimedAt: number;
	attempt: number;
	/**
	 * Of the claim; confirming with another one is refused. Drawn by chance: a number of order would
	 * come again when a claim was released, or lost in a failover of the store.
	 */
	token: number;
	/** For services that recognise repeated requests: the same for every attempt. */
	idempotencyKey: string;
	confirmedAt?: number;
	result?: Json;
}

/** How a claim was answered. */
export interface ClaimAnswer {
	/**
	 * - `do`: the caller, and nobody else, is to do it now;
	 * - `done`: it was done before, the receipt has its result;
	 * - `unknown`: somebody claimed it and never told how it went.
	 */
	outcome: 'do' | 'done' | 'unknown';
	receipt: Receipt;
}

/** How a claim treats what is known already. */
export interface ClaimOptions {
	/** `report` an unknown outcome, or `retry`: claim it again. Default `report`. */
	whenUnknown?: 'report' | 'retry';
	/** Whether to claim again what was done before. Default false. */
	again?: boolean;
}

/** What {@link Receipts} needs. */
export interface ReceiptsOptions {
	store: Store;
	runtime: Runtime;
	/** Names this execution to others. */
	owner: string;
}

/** Write-ahead receipts: a side effect is claimed before, and confirmed after it happened. */
export class Receipts {
	constructor(private readonly options: ReceiptsOptions) {}

	/** Asks whether to do something now. */
	async claim(
		runKey: string,
		name: string,
		{ whenUnknown = 'report', again = false }: ClaimOptions = {},
	): Promise<ClaimAnswer> {
		const known = await this.find(runKey, name);
		if (known !== undefined) {
			const isDone = contentOf(known).status === 'done';
			if (isDone && !again) return { outcome: 'done', receipt: receiptOf(known) };
			if (!isDone && whenUnknown === 'report') {
				return { outcome: 'unknown', receipt: receiptOf(known) };
			}
		}
		const claimed = await this.write(runKey, name, known?.version ?? 0, {
			status: 'claimed',
			claimedBy: this.options.owner,
			claimedAt: this.options.runtime.now(),
			attempt: (known === undefined ? 0 : contentOf(known).attempt) + 1,
			token: 1 + Math.floor(this.options.runtime.random() * LAST_TOKEN),
		});
		// Somebody claimed it at the same moment: look again, as one who came later.
		if (claimed === undefined) return await this.claim(runKey, name);
		return { outcome: 'do', receipt: receiptOf(claimed) };
	}

	/**
	 * Records that it happened, with its result.
	 *
	 * @param token - of the claim; default: whatever claim there is
	 * @throws {EngineError} `RECEIPT_MISSING` when nobody claimed it, `RECEIPT_SUPERSEDED` when
	 * somebody else did in the meantime
	 */
	async confirm(runKey: string, name: string, result: Json, token?: number): Promise<Receipt> {
		const known = await this.claimed(runKey, name, token);
		const before = contentOf(known);
		if (before.status === 'done') return receiptOf(known);
		const confirmedAt = this.options.runtime.now();
		const done = { ...before, status: 'done' as const, confirmedAt, result };
		const confirmed = await this.write(runKey, name, known.version, done);
		return confirmed === undefined
			? await this.confirm(runKey, name, result, token)
			: receiptOf(confirmed);
	}

	/** Records that it did not happen: the next claim is to do it. @throws like {@link confirm} */
	async release(runKey: string, name: string, token?: number): Promise<Receipt> {
		const known = await this.claimed(runKey, name, token);
		if (contentOf(known).status === 'claimed') {
			await this.options.store.remove(RECEIPTS, known.id);
		}
		return receiptOf(known);
	}

	private async claimed(
		runKey: string,
		name: string,
		token: number | undefined,
	): Promise<StoredDocument> {
		const known = await this.find(runKey, name);
		if (known === undefined) throw missing(runKey, name);
		const superseded = token !== undefined && receiptOf(known).token !== token;
		if (superseded) throw supersededBy(name, contentOf(known).claimedBy);
		return known;
	}

	private async find(runKey: string, name: string): Promise<StoredDocument | undefined> {
		return await this.options.store.get(RECEIPTS, idOf(runKey, name));
	}

	private async write(
		runKey: string,
		name: string,
		version: number,
		content: Omit<z.infer<typeof receiptSchema>, 'schemaVersion' | 'runKey' | 'name'>,
	): Promise<StoredDocument | undefined> {
		const { status } = content;
		const value = JSON.stringify({ schemaVersion: 1, runKey, name, ...content });
		const id = idOf(runKey, name);
		return await this.options.store
			.put({ collection: RECEIPTS, id, version, value, status, runId: runKey })
			.catch((error: Error) => (isStoreConflict(error) ? undefined : Promise.reject(error)));
	}
}

function idOf(runKey: string, name: string): string {
	return sha256(JSON.stringify([runKey, name]));
}

function contentOf({ value }: StoredDocument): z.infer<typeof receiptSchema> {
	return parse(receiptSchema, parseJson(value), 'Receipt');
}

function receiptOf(document: StoredDocument): Receipt {
	const content = contentOf(document);
	const { runKey, name, claimedBy, claimedAt, attempt, confirmedAt, result } = content;
	return {
		runKey,
		name,
		claimedBy,
		claimedAt,
		attempt,
		token: content.token ?? attempt,
		idempotencyKey: hashOf([runKey, name]),
		...(confirmedAt === undefined ? {} : { confirmedAt, result: result as Json }),
	};
}

function missing(runKey: string, name: string): EngineError {
	return new EngineError(
		'RECEIPT_MISSING',
		`Nobody has claimed "${name}" in run "${runKey}", so there is nothing to confirm.`,
		{
			errorClass: 'validation',
			hint: 'Put a Checkpoint node with the operation Claim, the same Run Key and the same name before the side effect',
			details: { runKey, name },
		},
	);
}

function supersededBy(name: string, claimedBy: string): EngineError {
	return new EngineError(
		'RECEIPT_SUPERSEDED',
		`"${name}" was claimed again by ${claimedBy} in the meantime.`,
		{
			errorClass: 'conflict',
			retryable: false,
			hint: 'Check whether it happened twice; raise how long a claim is waited for, or ask a person when the outcome is unknown',
			details: { name, claimedBy },
		},
	);
}
