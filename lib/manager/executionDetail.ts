import type { Json, Runtime } from '../core';
import { openLedger } from '../run';
import type { Store } from '../store';
import { parseDefinition } from '../workflow';
import { ledgerPrefix, type ExecutionRecord } from './executionRecord';

/** A step in the graph of a workflow. */
export interface StepNode {
	id: string;
	name?: string;
	kind: string;
	agent?: string;
	/** Steps it waits for, and how. */
	dependsOn: Array<{ on: string; type: string }>;
	/** Steps it names as successors. */
	next: string[];
}

/** What an execution is made of, beyond its status. */
export interface ExecutionDetail {
	input: Json;
	/** `null` unless it completed. */
	output: Json;
	/** The definition it runs; none for workflows written in code. */
	definition?: unknown;
	/** Its steps, in the order of definition. */
	graph: StepNode[];
	/** What steps have given so far, by their paths: `fetch`, `refine#2`, `loop/1/fetch`. */
	outputs: Record<string, Json>;
	/** Where it would go on, when it is paused or waits. */
	checkpoint?: Json;
}

/** Puts together what an execution is made of; its outputs are read from its ledger. */
export async function detailOf(
	record: ExecutionRecord,
	store: Store,
	runtime: Runtime,
): Promise<ExecutionDetail> {
	const { input, output = null, definition, checkpoint, runId } = record;
	const ledger = await openLedger({ store, runtime, runId });
	const prefix = ledgerPrefix(record);
	const outputs: Record<string, Json> = {};
	for (const { record: step, ...entry } of ledger.entries()) {
		if (step.status !== 'completed' || step.path.includes('/answer/')) continue;
		if (!step.path.startsWith(prefix)) continue;
		outputs[step.path.slice(prefix.length)] = await ledger.output({ record: step, ...entry });
	}
	return {
		input: input as Json,
		output: output as Json,
		...(definition === undefined ? {} : { definition }),
		graph: definition === undefined ? [] : graphOf(definition),
		outputs,
		...(checkpoint === undefined ? {} : { checkpoint: checkpoint as Json }),
	};
}

function graphOf(definition: unknown): StepNode[] {
	return parseDefinition(definition).steps.map(
		({ id, name, kind, agent, dependencies, next = [] }) => ({
			id,
			...(name === undefined ? {} : { name }),
			kind,
			...(agent === undefined ? {} : { agent }),
			dependsOn: dependencies.map(({ on, type }) => ({ on, type })),
			next,
		}),
	);
}
