import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode } from 'n8n-workflow';

import { errorClassOf, isEngineError, messageOf, redactor } from '../../lib';
import type { EngineError, ErrorClass, Redactor } from '../../lib';

/** What a node may throw, and what the editor knows how to show. */
export type NodeFailure = NodeOperationError | NodeApiError;

/** Classes that are the answer, or the silence, of a service; the rest the user can fix here. */
const SERVICE_CLASSES: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
	'auth',
	'not_found',
	'quota_exhausted',
	'rate_limit',
	'network',
	'server',
	'overloaded',
]);

/** What to do about an error that brings no hint of its own. */
const HINTS: Partial<Record<ErrorClass, string>> = {
	auth: 'Check the credential of this node',
	quota_exhausted: 'Check the plan and the billing of the account at the service',
	rate_limit: 'Lower how many items run at once, or allow more attempts with longer pauses',
	timeout: 'Allow more time in the options of this node',
	network: 'Check the address, and that the service is running and can be reached from n8n',
	overloaded: 'Try again later, or allow more attempts with longer pauses',
	bad_output: 'Try a more capable model, or make the instructions more precise',
	budget: 'Raise the budget in the options of this node, or ask for less',
};

/**
 * Maps any thrown value, once, to what n8n shows: the message says what happened, the description
 * what to do. Known secrets, and all that looks like one, are taken out of both; causes and stacks
 * stay behind, because n8n stores them with the execution.
 *
 * @param itemIndex - the item that failed; undefined when it was the node as a whole
 * @param redact - knows the secret values of this node's credentials
 */
export function toNodeError(
	node: INode,
	error: unknown,
	itemIndex?: number,
	redact: Redactor = redactor(),
): NodeFailure {
	if (error instanceof NodeOperationError || error instanceof NodeApiError) {
		return completed(error, itemIndex, redact);
	}
	const message = redact.text(messageOf(error));
	const hint = isEngineError(error) ? hintOf(error) : descriptionOf(error);
	const description = hint === undefined ? undefined : redact.text(hint);
	if (!isEngineError(error) || !SERVICE_CLASSES.has(error.errorClass)) {
		return new NodeOperationError(node, message, { description, itemIndex });
	}
	const { status } = error.details;
	return new NodeApiError(
		node,
		{ message },
		{
			message,
			description,
			itemIndex,
			...(typeof status === 'number' ? { httpCode: String(status) } : {}),
		},
	);
}

/** An error that n8n made, with the item it belongs to and without secrets. */
function completed(
	error: NodeFailure,
	itemIndex: number | undefined,
	redact: Redactor,
): NodeFailure {
	error.context.itemIndex ??= itemIndex;
	error.message = redact.text(error.message);
	if (typeof error.description === 'string') error.description = redact.text(error.description);
	return error;
}

function hintOf(error: EngineError): string | undefined {
	return error.hint ?? HINTS[errorClassOf(error)];
}

/** n8n's own errors, such as those of expressions, carry their advice in `description`. */
function descriptionOf(error: unknown): string | undefined {
	if (!(error instanceof Error) || !('description' in error)) return undefined;
	return typeof error.description === 'string' ? error.description : undefined;
}
