import { EngineError, Receipts } from '../../../lib';
import type { JsonObject, Receipt } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { operation } from '../operation';
import type { Routed } from '../operation';
import { claimSchema, confirmSchema } from '../parameters';

/** Outputs of *Claim*. */
const DO_IT = 0;
const ALREADY_DONE = 1;
const UNKNOWN = 2;

/** Asks whether a side effect is to happen now, was done before, or may have happened. */
export const claim = operation({
	schema: claimSchema,
	run: async (parameters, { store, runKey, item, owner }): Promise<Routed[]> => {
		const { effectName, ifAlreadyDone, whenUnknown } = parameters;
		const receipts = new Receipts({ store, runtime: n8nRuntime, owner });
		const { outcome, receipt } = await receipts.claim(runKey, effectName, {
			whenUnknown: whenUnknown === 'retry' ? 'retry' : 'report',
			again: ifAlreadyDone === 'runAgain',
		});
		const json = { ...item.json, receipt: shownReceipt(receipt) };
		if (outcome === 'do') return [{ output: DO_IT, item: { ...item, json } }];
		if (outcome === 'done') return [{ output: ALREADY_DONE, item: { ...item, json } }];
		if (whenUnknown === 'fail') throw unknownOutcome(receipt);
		return [{ output: UNKNOWN, item: { ...item, json } }];
	},
});

/** Records how a claimed side effect went. */
export const confirm = operation({
	schema: confirmSchema,
	run: async ({ effectName, happened, result, options }, { store, runKey, item, owner }) => {
		const receipts = new Receipts({ store, runtime: n8nRuntime, owner });
		const receipt = happened
			? await receipts.confirm(runKey, effectName, result, options.token)
			: await receipts.release(runKey, effectName, options.token);
		return [{ item: { ...item, json: { ...item.json, receipt: shownReceipt(receipt) } } }];
	},
});

function shownReceipt(receipt: Receipt): JsonObject {
	const { runKey, name, claimedBy, claimedAt, attempt, token, idempotencyKey } = receipt;
	return {
		runKey,
		name,
		claimedBy,
		claimedAt: new Date(claimedAt).toISOString(),
		attempt,
		token,
		idempotencyKey,
		...(receipt.confirmedAt === undefined
			? {}
			: {
					confirmedAt: new Date(receipt.confirmedAt).toISOString(),
					result: receipt.result ?? null,
				}),
	};
}

function unknownOutcome({ name, claimedBy, claimedAt }: Receipt): EngineError {
	const when = new Date(claimedAt).toISOString();
	return new EngineError(
		'OUTCOME_UNKNOWN',
		`"${name}" was claimed by ${claimedBy} at ${when} and never confirmed, so nobody knows whether it happened.`,
		{
			errorClass: 'conflict',
			retryable: false,
			hint: 'Check at the service whether it happened, then use Confirm to record that it did or did not',
		},
	);
}
