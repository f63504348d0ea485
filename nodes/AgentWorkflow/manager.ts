import type { IExecuteFunctions } from 'n8n-workflow';

import {
	LocalRuns,
	ResourcePool,
	Metrics,
	Recorder,
	WorkflowManager,
	agentKinds,
	hashOf,
	httpKind,
	humanKind,
	recordedStart,
	searchKind,
	tapedAnswers,
	tapedKind,
} from '../../lib';
import type { AnyStepKind, Store } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { nodeLogger } from '../shared/logger';
import { n8nRuntime } from '../shared/runtime';
import type { NodeAgents } from './agents';
import type { NodeSearches } from './searches';

/** Names this process to others that share a store. */
const PROCESS = `n8n (${n8nRuntime.newId().slice(0, 8)})`;

/** What steps with `resources` take from, in all executions of this process. */
export const pool = new ResourcePool({ name: 'n8n', preemption: true }, n8nRuntime);

/** What runs in this process, by the store it is recorded in: executions of all nodes share it. */
const running = new Map<string, LocalRuns>();

/** What the executions of this process have done, whatever node started them. */
export const processMetrics = new Metrics();

function localRuns({ name }: Store): LocalRuns {
	const runs = running.get(name) ?? new LocalRuns();
	running.set(name, runs);
	return runs;
}

/** What a manager of one item is made of. */
export interface ManagerOptions {
	context: IExecuteFunctions;
	store: Store;
	/** Whose workflows and executions there are; empty for everybody's. */
	owner: string;
	agents: NodeAgents;
	searches: NodeSearches;
}

/** Whose workflows and executions there are; nobody's in particular when the owner is empty. */
export function callerOf(owner: string): { caller?: string } {
	return owner === '' ? {} : { caller: hashOf(owner).slice(0, 32) };
}

/**
 * The engine's manager with the models, tools and searches of this node. What it starts goes on in
 * this process after the node has ended.
 */
export function nodeManager(options: ManagerOptions): WorkflowManager {
	const { context, store, owner, agents, searches } = options;
	const { redact } = agents;
	const tape = new Recorder({
		store,
		runtime: n8nRuntime,
		startOf: async (runId) => await recordedStart(store, n8nRuntime, runId),
		...(redact && { redact: (value) => redact.json(value) }),
	});
	const kinds: AnyStepKind[] = [
		tapedKind(httpKind(nodeHttpClient(context)), tape),
		tapedKind(
			searchKind(async (call) => await searches.search(call)),
			tape,
		),
		tapedAnswers(humanKind, tape),
		...agentKinds(
			async (call) =>
				await agents.run(call, {
					...{ store, tape },
					onUsage: (usage) => manager.book(call, usage),
					onCutShort: (error) => manager.cutShort(call, error),
				}),
		).map((kind) => tapedAnswers(kind, tape)),
	];
	const manager: WorkflowManager = new WorkflowManager({
		runtime: n8nRuntime,
		store,
		kinds,
		pool,
		logger: nodeLogger(context),
		metrics: processMetrics,
		owner: PROCESS,
		local: localRuns(store),
		releaseWaiting: true,
		keepEvents: true,
		...callerOf(owner),
	});
	manager.register(searches.swarm);
	return manager;
}
