import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isEngineError, serializeError } from '../../lib';
import type { Redactor } from '../../lib';
import { toNodeError } from './errors';

/** How the work on one input item ended. */
export type ItemOutcome<Value> = { ok: true; value: Value } | { ok: false; error: unknown };

/** What is needed to turn outcomes into items. */
type OutcomeContext = Pick<IExecuteFunctions, 'continueOnFail' | 'getNode'>;

/**
 * Works on items, several at the same time, and waits for all of them: a failing item never loses
 * the results of the others.
 *
 * @param atOnce - how many items to work on at the same time, 1 or more
 * @param work - called once per item, in input order; may throw
 * @returns one outcome per item, in input order
 */
export async function settleItems<Item, Value>(
	items: readonly Item[],
	atOnce: number,
	work: (item: Item, itemIndex: number) => Promise<Value>,
): Promise<Array<ItemOutcome<Value>>> {
	const outcomes = new Array<ItemOutcome<Value>>(items.length);
	const queue = items.entries();
	const worker = async () => {
		for (const [itemIndex, item] of queue) {
			outcomes[itemIndex] = await settle(async () => await work(item, itemIndex));
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
	return outcomes;
}

/** How a piece of work ended, whether it threw or not. */
export async function settle<Value>(work: () => Promise<Value>): Promise<ItemOutcome<Value>> {
	try {
		return { ok: true, value: await work() };
	} catch (error) {
		return { ok: false, error };
	}
}

/**
 * The items of one output, following the node's *On Error* setting: when it is to stop, the first
 * failure is thrown; otherwise every failure becomes an error item, which n8n sends to the error
 * output if there is one.
 *
 * @param toItems - the items that one successful outcome gives; each is paired with its input item
 * @throws {NodeOperationError | NodeApiError} for the first failed item, with its index
 */
export function outcomesToItems<Value>(
	context: OutcomeContext,
	outcomes: ReadonlyArray<ItemOutcome<Value>>,
	toItems: (value: Value, itemIndex: number) => INodeExecutionData[],
	redact?: Redactor,
): INodeExecutionData[] {
	return outcomes.flatMap((outcome, itemIndex) =>
		outcome.ok
			? toItems(outcome.value, itemIndex).map((item) => paired(item, itemIndex))
			: [errorItem(context, outcome.error, itemIndex, redact)],
	);
}

/** The item with its input item as origin, unless it names one already. */
export function paired(item: INodeExecutionData, itemIndex: number): INodeExecutionData {
	return item.pairedItem === undefined ? { ...item, pairedItem: { item: itemIndex } } : item;
}

/**
 * The item that stands for a failed one when the node is to continue.
 *
 * @returns `json.error` is the message; `json.details` is the code, class and hint of an engine error
 * @throws {NodeOperationError | NodeApiError} when the node is to stop
 */
export function errorItem(
	context: OutcomeContext,
	error: unknown,
	itemIndex: number,
	redact?: Redactor,
): INodeExecutionData {
	const failure = toNodeError(context.getNode(), error, itemIndex, redact);
	if (!context.continueOnFail()) throw failure;
	return {
		// No `error` beside `json`: n8n would drop the details, and the input that it adds here.
		json: { error: failure.message, ...detailsOf(error, failure.description) },
		pairedItem: { item: itemIndex },
	};
}

/** What programs further down may branch on. */
function detailsOf(error: unknown, hint: string | null | undefined): IDataObject {
	if (!isEngineError(error)) return {};
	const { code, errorClass, retryable } = serializeError(error);
	return { details: { code, errorClass, retryable, ...(hint ? { hint } : {}) } };
}
