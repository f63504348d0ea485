import type { IExecuteFunctions } from 'n8n-workflow';

import type { CallBudget, KnowledgeBase, Store } from '../../lib';
import type { Connections } from './connections';
import type { GateRun } from './gates';
import type { ModelSource } from './modelSource';
import type { Parameters } from './parameters';
import type { Wallets } from './wallets';

/** What the items of one execution share. */
export interface NodeRun {
	context: IExecuteFunctions;
	/** Of the node; n8n copies the whole node for everybody who asks it for the name. */
	name: string;
	connections: Connections;
	source: ModelSource;
	wallets: Wallets;
	/** Knowledge in the store that is open, by its name. */
	builtInKnowledge: Map<string, KnowledgeBase>;
	/** What people said at n8n's gates; `none` where the engine cannot ask there. */
	gates: GateRun | 'none' | undefined;
}

/** What the work on one item needs. */
export interface ItemRun extends NodeRun {
	parameters: Parameters;
	itemIndex: number;
	store: Store;
	budget: CallBudget;
}
