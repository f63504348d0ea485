import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { decisionFields, hashOf, isJsonObject } from '../../lib';
import type { Json, ReviewDecision, ReviewRequest } from '../../lib';
import { outputCount, outputOf } from './outputs';

/**
 * Each input item with its decision, on the output of the decision.
 *
 * @param isTool - whether the node is a gate for an AI agent's tool, which has one output and asks
 * for `data.approved`
 * @param reused - whether the decisions were made before, for the same data in the same run
 */
export function decisionItems(
	items: readonly INodeExecutionData[],
	decisions: readonly ReviewDecision[],
	request: Pick<ReviewRequest, 'kind' | 'choices' | 'items'>,
	isTool: boolean,
	reused = false,
): INodeExecutionData[][] {
	const outputs: INodeExecutionData[][] = Array.from(
		{ length: isTool ? 1 : outputCount(outputsOf(request)) },
		() => [],
	);
	items.forEach((item, index) => {
		const decision = decisions[index]!;
		const output = isTool ? 0 : outputOf(decision.decision, outputsOf(request));
		const base = withEdit(item.json, decision, request.items[index]!.payloadHash);
		outputs[output]!.push({
			...item,
			json: isTool ? toolAnswer(base, decision) : { ...base, ...decisionFields(decision), reused },
			pairedItem: { item: index },
		});
	});
	return outputs;
}

function outputsOf({ kind, choices }: Pick<ReviewRequest, 'kind' | 'choices'>) {
	return { responseType: kind, choices: choices.map(({ id }) => id) };
}

/** What n8n's agent reads from the gate of a tool. */
function toolAnswer(json: IDataObject, { decision, comment }: ReviewDecision): IDataObject {
	const approved = decision === 'approved';
	return { ...json, data: { approved, ...(comment === '' ? {} : { chatInput: comment }) } };
}

/** When the item itself was reviewed and edited, the edited item goes on. */
function withEdit(json: IDataObject, decision: ReviewDecision, askedHash: string): IDataObject {
	const { edited, payload } = decision;
	const isWholeItem =
		edited && isJsonObject(payload) && hashOf(withoutDecision(json)) === askedHash;
	return isWholeItem ? (payload as IDataObject) : json;
}

/** The decision fields that a waiting item already carries for the case that nobody decides. */
const DECISION_FIELDS: ReadonlyArray<keyof ReviewDecision> = [
	'decision',
	'reason',
	'decidedBy',
	'reviewer',
	'onBehalfOf',
	'decidedAt',
	'comment',
	'payload',
	'payloadHash',
	'edited',
	'difference',
	'answer',
	'votes',
	'requestId',
	'audit',
];

function withoutDecision(json: IDataObject): Json {
	const rest = { ...json };
	for (const field of [...DECISION_FIELDS, 'reused']) delete rest[field];
	return rest as Json;
}

/** The items of all outputs in their input order: how they were stored for the time-out. */
export function storedItems(
	outputs: ReadonlyArray<INodeExecutionData[] | null>,
): INodeExecutionData[] {
	return outputs.flatMap((items) => items ?? []).sort((a, b) => indexOf(a) - indexOf(b));
}

function indexOf({ pairedItem }: INodeExecutionData): number {
	return typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : 0;
}
