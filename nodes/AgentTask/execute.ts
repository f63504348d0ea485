import type {
	EngineRequest,
	EngineResponse,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import { isExpression } from 'n8n-workflow';

import { errorClassOf, serializeError } from '../../lib';
import { type ItemOutcome, outcomesToItems, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { DEFAULT_RUN_KEY } from '../shared/runFields';
import { openSteps } from '../shared/steps';
import { Connections } from './connections';
import { askAtGates, failureBefore, gateAnswers, type GateRun, type WaitingAtGates } from './gates';
import type { NodeRun } from './itemContext';
import { runItem } from './itemRun';
import { modelSource } from './modelSource';
import { NotCompleted } from './notCompleted';
import { answerOnly, defaultItem, doneItem } from './outputItem';
import { type Parameters, parametersSchema } from './parameters';
import { afterGates, afterReview, decisionIn, itemForPerson, keepWaiting } from './person';
import { properties } from './properties';
import { asksPeople } from './task';
import { Wallets } from './wallets';

/** What becomes of an input item: on which output, or before which gates it waits. */
type Result =
	| { output: 'done'; item: INodeExecutionData; fresh: boolean }
	| { output: 'person'; item: INodeExecutionData }
	| { output: 'gates'; waiting: WaitingAtGates };

/**
 * Runs Agent Task: one task for each item, several items at the same time. When tools behind gates
 * of n8n are called, the engine is asked to bring the calls there, and calls this again with what
 * people said.
 */
export async function executeAgentTask(
	context: IExecuteFunctions,
	response?: EngineResponse,
): Promise<INodeExecutionData[][] | EngineRequest> {
	const answered = gateAnswers(response);
	if (answered !== undefined && 'request' in answered) return answered.request;
	const run = await openRun(context, answered?.run);
	const { outcomes, people } = await settleAll(run);
	await hintAtPrices(run);
	await run.wallets.close();
	const waiting = outcomes.flatMap((outcome) =>
		outcome.ok && outcome.value.output === 'gates' ? [outcome.value.waiting] : [],
	);
	const done = outcomesToItems(context, outcomes, only('done'), run.source.redact);
	if (waiting.length > 0) return await requestAt(run, outcomes, waiting);
	if (!people) return [done];
	// Failures are on the first output already.
	const handed = outcomes.map(
		(outcome): ItemOutcome<Result | undefined> => (outcome.ok ? outcome : NOTHING),
	);
	return [done, outcomesToItems(context, handed, only('person'))];
}

/** A limit of cost that cannot be kept is not passed over in silence. */
async function hintAtPrices({ context, wallets }: NodeRun): Promise<void> {
	const models = await wallets.unpricedModels();
	if (models.length === 0) return;
	context.addExecutionHints({
		message: `The price of ${models.join(', ')} is not known, so calls of it do not count toward the limit of cost. Add it under Options → Prices, or limit tokens.`,
		type: 'warning',
		location: 'outputPane',
	});
}

/** Runs an agent that is a tool of another one; the engine does not come back to it. */
export async function executeAgentTool(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const run = await openRun(context, 'none');
	const { outcomes } = await settleAll(run);
	await run.wallets.close();
	return outcomesToItems(context, outcomes, only('done'), run.source.redact);
}

async function openRun(context: IExecuteFunctions, gates: NodeRun['gates']): Promise<NodeRun> {
	const connections = new Connections(context);
	return {
		context,
		name: context.getNode().name,
		connections,
		source: await modelSource(context, connections),
		wallets: new Wallets(),
		builtInKnowledge: new Map(),
		gates,
	};
}

async function settleAll(
	run: NodeRun,
): Promise<{ outcomes: Array<ItemOutcome<Result>>; people: boolean }> {
	const { context } = run;
	const read = parameterReader(context, parametersSchema, properties);
	const atOnce = context.getNodeParameter('options.itemsAtOnce', 0, 5) as number;
	let people = false;
	const items = context.getInputData();
	await announce(context, items.length);
	const outcomes = await settleItems(items, atOnce, async (item, itemIndex) => {
		const parameters = read(itemIndex);
		people ||= asksPeople(parameters);
		return await resultOf(run, parameters, item, itemIndex);
	});
	return { outcomes, people };
}

/** Says how many tasks there are, so that a pause between two is not reported as the end. */
async function announce(context: IExecuteFunctions, items: number): Promise<void> {
	const { runKey = DEFAULT_RUN_KEY } = context.getNode().parameters;
	// A key that differs by item names several runs.
	if (runKey !== DEFAULT_RUN_KEY && isExpression(runKey)) return;
	// What is wrong with the store is said for each item.
	await openSteps(context, 0).then(
		({ progress }) => progress.expect(items),
		() => undefined,
	);
}

const NOTHING = { ok: true, value: undefined } as const;

function only(output: 'done' | 'person') {
	return (result: Result | undefined) =>
		result !== undefined && result.output !== 'gates' && result.output === output
			? [result.item]
			: [];
}

/** What the engine is asked, and what this node has to know when it comes back. */
async function requestAt(
	{ connections, gates }: NodeRun,
	outcomes: ReadonlyArray<ItemOutcome<Result>>,
	waiting: readonly WaitingAtGates[],
): Promise<EngineRequest> {
	const before = typeof gates === 'object' ? gates : undefined;
	// What has gone on before is taken from its record, which is found by where it waited.
	const run: GateRun = {
		waiting: { ...before?.waiting },
		failed: {},
		fresh: [...(before?.fresh ?? [])],
		answers: { ...before?.answers },
	};
	for (const { itemIndex, id } of waiting) {
		run.waiting[itemIndex] = id;
		run.answers[itemIndex] = {};
	}
	outcomes.forEach((outcome, itemIndex) => {
		if (!outcome.ok) run.failed[itemIndex] = serializeError(outcome.error);
		else if (outcome.value.output === 'done' && outcome.value.fresh) run.fresh.push(itemIndex);
	});
	const tools = await connections.tools(0, []);
	const gateOf = new Map(tools.map(({ spec, gate }) => [spec.name, gate]));
	return askAtGates(run, waiting, (name) => gateOf.get(name));
}

async function resultOf(
	run: NodeRun,
	parameters: Parameters,
	item: INodeExecutionData,
	itemIndex: number,
): Promise<Result> {
	const before = typeof run.gates === 'object' ? run.gates : undefined;
	const failed = before?.failed[itemIndex];
	if (failed !== undefined) throw failureBefore(failed);
	const decision = decisionIn(item.json);
	const waiting = before?.waiting[itemIndex];
	const resumption =
		before !== undefined && waiting !== undefined
			? afterGates(before, itemIndex, waiting)
			: decision && afterReview(decision);
	return await runItem(run, parameters, itemIndex, resumption).then(
		(task) => {
			const reused = task.reused && before?.fresh.includes(itemIndex) !== true;
			return finished(parameters, doneItem({ ...task, reused }), !reused);
		},
		async (error: unknown) => await afterFailure(run, parameters, item, itemIndex, error),
	);
}

/** The result of an item that goes on, with as much of what it took as the user wants. */
function finished({ options }: Parameters, item: INodeExecutionData, fresh: boolean): Result {
	const shown = options.details === 'answer' ? answerOnly(item) : item;
	return { output: 'done', item: shown, fresh };
}

/** What the options say about a task that gave no result. */
async function afterFailure(
	run: NodeRun,
	parameters: Parameters,
	item: INodeExecutionData,
	itemIndex: number,
	error: unknown,
): Promise<Result> {
	const { onExhausted } = parameters.options;
	const cancelled = errorClassOf(error) === 'abort';
	if (error instanceof NotCompleted && !cancelled) {
		const { store, runKey } = await openSteps(run.context, itemIndex);
		if (await waitsAtGates(run, parameters, itemIndex, error)) {
			const { id } = await keepWaiting(store, runKey, error);
			const calls = error.end.conversation.pending;
			return { output: 'gates', waiting: { itemIndex, id, calls } };
		}
		const waits = error.end.status === 'waiting';
		if (onExhausted === 'person' || (waits && asksPeople(parameters))) {
			return { output: 'person', item: await itemForPerson(store, runKey, item, error) };
		}
		if (onExhausted === 'default') {
			return finished(parameters, defaultItem(error, parameters.options.defaultValue), true);
		}
	}
	return await Promise.reject(error as Error);
}

/** Whether a call that a task waits for is of a tool behind a gate; others cannot be asked about. */
async function waitsAtGates(
	{ connections }: NodeRun,
	{ options }: Parameters,
	itemIndex: number,
	{ end }: NotCompleted,
): Promise<boolean> {
	if (end.status !== 'waiting') return false;
	const tools = await connections.tools(itemIndex, options.readTools);
	const gated = new Set(
		tools.filter(({ gate }) => gate !== undefined).map(({ spec }) => spec.name),
	);
	return end.conversation.pending.some(({ name }) => gated.has(name));
}
