import { WAIT_INDEFINITELY, NodeOperationError } from 'n8n-workflow';
import type {
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	ISupplyDataFunctions,
	NodeConnectionType,
	SupplyData,
} from 'n8n-workflow';

import { node } from './graph';
import type { NodeSettings, TestNode } from './graph';

/** The type name by which the harness finds where a workflow starts. */
export const START_TYPE = 'harness.start';

function describe(name: string, properties: INodeProperties[] = []): INodeTypeDescription {
	return {
		displayName: name,
		name: name.includes('.') ? name : `harness.${name}`,
		group: ['transform'],
		version: 1,
		description: `Test node ${name}`,
		defaults: { name },
		inputs: ['main'],
		outputs: ['main'],
		properties,
	};
}

/** A node whose work is a function of the test. */
function inline(
	name: string,
	execute: (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>,
	properties?: INodeProperties[],
): INodeType {
	return { description: describe(name, properties), execute };
}

const startType: INodeType = {
	description: { ...describe('start'), group: ['trigger'], inputs: [] },
	async execute() {
		return [this.getInputData()];
	},
};

/** Where a workflow, or a sub-workflow, begins: passes its input on. */
export function start(name = 'Start'): TestNode {
	return node(name, startType);
}

const setType = inline(
	'set',
	async function () {
		return [
			this.getInputData().map((_item, index) => ({
				json: this.getNodeParameter('values', index) as IDataObject,
				pairedItem: { item: index },
			})),
		];
	},
	[{ displayName: 'Values', name: 'values', type: 'json', default: {} }],
);

/** Replaces each item's JSON by `values`, whose texts may be expressions. */
export function set(name: string, values: IDataObject): TestNode {
	return node(name, setType, { values: values as never });
}

const stopType = inline(
	'stop',
	async function () {
		throw new NodeOperationError(this.getNode(), String(this.getNodeParameter('message', 0)));
	},
	[{ displayName: 'Message', name: 'message', type: 'string', default: '' }],
);

/** Fails with a message, which may be an expression. */
export function stop(name: string, message: string): TestNode {
	return node(name, stopType, { message });
}

const waitType: INodeType = {
	description: {
		...describe('wait'),
		webhooks: [
			{
				name: 'default',
				httpMethod: 'POST',
				responseMode: 'onReceived',
				responseData: '',
				path: '={{ $nodeId }}',
				restartWebhook: true,
				isFullPath: true,
			},
		],
		properties: [
			{ displayName: 'Operation', name: 'operation', type: 'hidden', default: 'sendAndWait' },
		],
	},
	async execute() {
		await this.putExecutionToWait(WAIT_INDEFINITELY);
		return [this.getInputData()];
	},
	async webhook() {
		return { webhookResponse: { ok: true }, workflowData: [[{ json: this.getBodyData() }]] };
	},
};

/** Waits until somebody posts to its signed address; the body becomes its output. */
export function waitForPost(name: string): TestNode {
	return node(name, waitType);
}

/** n8n's own Wait node, as far as inline sub-workflows use it: waits until the test lets time pass. */
export const timedWaitType: INodeType = {
	description: describe('n8n-nodes-base.wait', [
		{ displayName: 'Amount', name: 'amount', type: 'number', default: 1 },
	]),
	async execute() {
		const seconds = this.getNodeParameter('amount', 0) as number;
		await this.putExecutionToWait(new Date(Date.now() + seconds * 1000));
		return [this.getInputData()];
	},
};

/** A node whose work is given by the test, once per execution of the node. */
export function code(
	name: string,
	work: (context: IExecuteFunctions) => Promise<INodeExecutionData[][]> | INodeExecutionData[][],
	settings?: NodeSettings,
): TestNode {
	const type = inline(`code-${name}`, async function () {
		return await work(this);
	});
	return node(name, type, {}, settings);
}

/**
 * A sub-node, such as a chat model or a tool.
 *
 * @param type - what it supplies, e.g. `ai_languageModel`
 * @param supply - gives the supplied object, called once per use
 */
export function subNode(
	name: string,
	type: Exclude<NodeConnectionType, 'main'>,
	supply: (context: ISupplyDataFunctions, itemIndex: number) => unknown,
): TestNode {
	return node(name, {
		description: { ...describe(`sub-${name}`), inputs: [], outputs: [type] },
		async supplyData(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
			return { response: await supply(this, itemIndex) };
		},
	});
}
