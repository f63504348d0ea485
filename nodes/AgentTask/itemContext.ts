import type { IExecuteFunctions } from 'n8n-workflow';

import type { CallBudget, Store } from '../../lib';
import type { Connections } from './connections';
import type { ModelSource } from './modelSource';
import type { Parameters } from './parameters';
import type { Wallets } from './wallets';

/** What the items of one execution share. */
export interface NodeRun {
	context: IExecuteFunctions;
	connections: Connections;
	source: ModelSource;
	wallets: Wallets;
}

/** What the work on one item needs. */
export interface ItemRun extends NodeRun {
	parameters: Parameters;
	itemIndex: number;
	store: Store;
	budget: CallBudget;
}
