import './environment';

import { ExecutionLifecycleHooks, WebhookContext, WorkflowExecute } from 'n8n-core';
import { NodeHelpers, OperationalError, Workflow, createRunExecutionData } from 'n8n-workflow';
import type {
	ExecuteWorkflowData,
	ExecuteWorkflowOptions,
	IExecuteWorkflowInfo,
	INode,
	INodeExecutionData,
	INodeType,
	INodeTypes,
	IRun,
	IRunExecutionData,
	IWebhookData,
	IWorkflowExecuteAdditionalData,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import { credentialsHelper } from './credentials';
import type { TestCredential } from './credentials';
import { Execution } from './execution';
import { typeNameOf } from './graph';
import type { TestNode } from './graph';
import { START_TYPE, start, timedWaitType } from './nodes';
import { fakeRequest, recordingResponse } from './webhook';
import type { TestRequest, TestResponse } from './webhook';
import { stored } from './workflow';
import type { TestWorkflow } from './workflow';

/** Where the instance would be reached, if it listened. */
const BASE_URL = 'http://localhost:5678';

/** Types of nodes at which a sub-workflow may begin. */
const STARTS = [START_TYPE, 'n8n-nodes-base.executeWorkflowTrigger'];

/** Instances share one user folder, and so one store: their executions need different ids. */
let lastExecutionId = 0;

/** What an instance knows before anything runs. */
export interface InstanceOptions {
	/** Credentials by the name that nodes use. */
	credentials?: Record<string, TestCredential>;
	/** Workflows by id, for nodes that run sub-workflows. */
	workflows?: Record<string, TestWorkflow>;
	/** Types that only inline sub-workflows use, besides those of the given workflows. */
	nodeTypes?: readonly INodeType[];
}

/** How to start a workflow. */
export interface RunOptions {
	/** Input of the first node. Default: one item with no fields. */
	input?: INodeExecutionData[];
	/** Default `trigger`, a production run; `manual` is a run in the editor. */
	mode?: WorkflowExecuteMode;
	/** Id of the workflow. Default `main`. */
	id?: string;
}

/**
 * An n8n in this process, on n8n's own engine: it runs workflows and sub-workflows, lets them wait,
 * and continues them by requests to their signed addresses or by the end of their time.
 */
export class TestInstance {
	readonly executions: Execution[] = [];

	/** Addresses that differ from those of a fresh n8n, for tests that really listen there. */
	urls: Partial<Pick<IWorkflowExecuteAdditionalData, 'webhookWaitingBaseUrl'>> = {};

	private readonly types = new Map<string, INodeType>();

	private readonly nodeTypes: INodeTypes = {
		getByName: (name) => this.typeNamed(name),
		getByNameAndVersion: (name, version) =>
			NodeHelpers.getVersionedNodeType(this.typeNamed(name), version),
		getKnownTypes: () => ({}),
	};

	constructor(private readonly options: InstanceOptions = {}) {
		const { type } = start();
		for (const name of STARTS) this.types.set(name, type);
		this.types.set(typeNameOf(timedWaitType), timedWaitType);
		for (const known of options.nodeTypes ?? []) this.types.set(typeNameOf(known), known);
		for (const workflow of Object.values(options.workflows ?? {})) this.learn(workflow.nodes);
	}

	/** Runs a workflow from its first node until it ends or waits. */
	async run(workflow: TestWorkflow, options: RunOptions = {}): Promise<Execution> {
		return await this.start(workflow, options).settled();
	}

	/** Starts a workflow at its first node, without waiting for it. */
	start(workflow: TestWorkflow, { input, mode = 'trigger', id = 'main' }: RunOptions): Execution {
		this.learn(workflow.nodes);
		const execution = this.newExecution({ ...workflow, id }, mode);
		const [first] = stored(execution.workflow).nodes;
		this.launch(execution, firstData(first!, input));
		return execution;
	}

	/** The execution with this id. */
	execution(id: string): Execution {
		const found = this.executions.find((execution) => execution.id === id);
		if (found === undefined) throw new Error(`No execution "${id}"`);
		return found;
	}

	/**
	 * A request to the address of a waiting node, as `getSignedResumeUrl` gave it. When the node
	 * lets the execution go on, await its `settled()` afterwards.
	 */
	async request(address: string, request: TestRequest = {}): Promise<TestResponse> {
		const url = new URL(address);
		const [id] = url.pathname.replace('/webhook-waiting/', '').split('/');
		const execution = this.executions.find((candidate) => candidate.id === id);
		if (execution === undefined) return answer(404, 'The execution does not exist.');
		if (execution.status === 'running') return answer(409, 'The execution is running already.');
		if (execution.status === 'error') return answer(409, 'The execution has finished with error.');
		if (execution.status !== 'waiting') return answer(200, 'No action required');
		return await this.deliver(execution, url, request);
	}

	/** Continues a waiting execution as n8n does when its time is over. */
	async expire(execution: Execution): Promise<Execution> {
		this.launch(execution, execution.storedData());
		return await execution.settled();
	}

	private learn(nodes: readonly TestNode[]): void {
		for (const { node, type } of nodes) this.types.set(node.type, type);
	}

	private typeNamed(name: string): INodeType {
		const type = this.types.get(name);
		if (type === undefined) throw new Error(`The harness does not know the node type "${name}"`);
		return type;
	}

	private newExecution(
		workflow: TestWorkflow & { id: string },
		mode: WorkflowExecuteMode,
		parent?: ExecuteWorkflowOptions['parentExecution'],
	): Execution {
		const id = String(++lastExecutionId);
		const execution = new Execution(id, workflow, mode, parent);
		this.executions.push(execution);
		return execution;
	}

	/** Lets the engine work on an execution until it ends or waits. */
	private launch(execution: Execution, data: IRunExecutionData): void {
		const additionalData = this.additionalData(execution);
		const engine = new WorkflowExecute(additionalData, execution.mode, data);
		const leg = engine.processRunExecutionData(this.workflowOf(execution));
		execution.attach(
			leg.then(async (run) => await this.ended(execution, run)),
			() => leg.cancel(),
		);
	}

	private async ended(execution: Execution, run: IRun): Promise<void> {
		execution.run = run;
		execution.status = run.status;
		const { parent } = execution;
		if (run.status === 'waiting' || !execution.resumed || parent === undefined) return;
		if (parent.shouldResume ?? true) await this.continueParent(execution, parent.executionId);
	}

	/** Gives the result of a child that had waited to its parent, which then goes on. */
	private async continueParent(child: Execution, parentId: string): Promise<void> {
		const parent = this.execution(parentId);
		if (parent.status !== 'waiting') return;
		const data = parent.storedData();
		const entry = data.executionData!.nodeExecutionStack[0]!;
		if (child.error !== undefined) entry.metadata = { ...entry.metadata, resumeError: child.error };
		else entry.data = { main: lastOutputOf(child) };
		parent.resumed = true;
		this.launch(parent, data);
		await parent.settled();
	}

	/**
	 * A request to the webhook of a published workflow, which is its first node.
	 *
	 * @param query - of the address, e.g. `?run=r1`
	 * @returns the answer, and the execution if the request started one
	 */
	async call(
		workflow: TestWorkflow,
		query = '',
		request: TestRequest = {},
	): Promise<{ answer: TestResponse; execution?: Execution }> {
		this.learn(workflow.nodes);
		const execution = this.newExecution({ ...workflow, id: 'main' }, 'webhook');
		const [first] = stored(execution.workflow).nodes;
		const url = new URL(`${BASE_URL}/webhook/page${query}`);
		const { response, answer: given } = recordingResponse();
		const additionalData = this.additionalData(execution);
		additionalData.httpRequest = fakeRequest(url, request);
		additionalData.httpResponse = response;
		const parsed = this.workflowOf(execution);
		const node = parsed.getNode(first!.name)!;
		const context = new WebhookContext(
			parsed,
			node,
			additionalData,
			execution.mode,
			{ node: node.name } as IWebhookData,
			[],
			null,
		);
		await parsed.expression.acquireIsolate();
		const result = await this.typeNamed(node.type).webhook!.call(context);
		await parsed.expression.releaseIsolate();
		if (result.workflowData === undefined) return { answer: given };
		this.launch(execution, firstData(first!, result.workflowData[0]));
		return { answer: given, execution: await execution.settled() };
	}

	private workflowOf(execution: Execution): Workflow {
		return new Workflow({ ...stored(execution.workflow), nodeTypes: this.nodeTypes });
	}

	private additionalData(execution: Execution): IWorkflowExecuteAdditionalData {
		const hooks = new ExecutionLifecycleHooks(
			execution.mode,
			execution.id,
			stored(execution.workflow),
		);
		hooks.addHandler('nodeExecuteAfter', (name) => void execution.order.push(name));
		return {
			executionId: execution.id,
			workflowId: execution.workflow.id,
			hooks,
			currentNodeExecutionIndex: 0,
			variables: {},
			restApiUrl: `${BASE_URL}/rest`,
			instanceBaseUrl: `${BASE_URL}/`,
			formBaseUrl: `${BASE_URL}/form`,
			formTestBaseUrl: `${BASE_URL}/form-test`,
			formWaitingBaseUrl: `${BASE_URL}/form-waiting`,
			webhookBaseUrl: `${BASE_URL}/webhook`,
			webhookTestBaseUrl: `${BASE_URL}/webhook-test`,
			webhookWaitingBaseUrl: `${BASE_URL}/webhook-waiting`,
			...this.urls,
			setExecutionStatus: () => undefined,
			sendDataToUI: () => undefined,
			logAiEvent: () => undefined,
			credentialsHelper: credentialsHelper(this.options.credentials ?? {}),
			getRunExecutionData: async (id: string) =>
				this.executions.find((candidate) => candidate.id === id)?.run?.data,
			executeWorkflow: async (info, _additionalData, options) =>
				await this.runSubWorkflow(execution, info, options),
		} as Partial<IWorkflowExecuteAdditionalData> as IWorkflowExecuteAdditionalData;
	}

	private async runSubWorkflow(
		parent: Execution,
		info: IExecuteWorkflowInfo,
		options: ExecuteWorkflowOptions,
	): Promise<ExecuteWorkflowData> {
		const workflow = this.subWorkflow(parent, info, options.executionMode);
		const child = this.newExecution(workflow, 'integrated', options.parentExecution);
		const first = stored(workflow).nodes.find(({ type }) => STARTS.includes(type));
		if (first === undefined) throw new OperationalError('Missing node to start execution');
		this.launch(child, firstData(first, options.inputData, options.parentExecution));
		if (options.doNotWaitToFinish === true) return { executionId: child.id, data: [null] };

		const { run } = await child.settled();
		if (child.status === 'success' || child.status === 'waiting') {
			return { executionId: child.id, data: lastOutputOf(child), waitTill: run?.waitTill };
		}
		throw Object.assign(new Error(child.error?.message ?? 'The workflow was stopped.'), {
			...child.error,
			executionId: child.id,
			workflowId: workflow.id,
		});
	}

	private subWorkflow(
		parent: Execution,
		{ id, code }: IExecuteWorkflowInfo,
		mode: WorkflowExecuteMode | undefined,
	): TestWorkflow & { id: string } {
		if (code !== undefined) {
			const nodes = code.nodes.map((node) => ({ node, type: this.typeNamed(node.type) }));
			const { connections, settings } = code;
			return { id: code.id || parent.workflow.id, nodes, connections, settings };
		}
		const workflow = this.options.workflows?.[id ?? ''];
		if (workflow === undefined) throw new OperationalError('Workflow does not exist.');
		if (workflow.published === false && mode !== 'manual') {
			throw new OperationalError('Workflow is not active and cannot be executed.');
		}
		return { ...workflow, id: id! };
	}

	/** Runs the `webhook()` of a waiting node, and continues the execution if that gives data. */
	private async deliver(
		execution: Execution,
		url: URL,
		request: TestRequest,
	): Promise<TestResponse> {
		const data = execution.storedData();
		const entry = data.executionData!.nodeExecutionStack[0]!;
		const workflow = this.workflowOf(execution);
		const node = workflow.getNode(entry.node.name)!;
		const type = this.typeNamed(node.type);
		const { response, answer: given } = recordingResponse();
		const additionalData = this.additionalData(execution);
		additionalData.httpRequest = fakeRequest(url, request);
		additionalData.httpResponse = response;

		const description = type.description.webhooks?.find(
			({ httpMethod }) => httpMethod === (request.method ?? 'GET'),
		);
		const context = new WebhookContext(
			workflow,
			node,
			additionalData,
			execution.mode,
			{ node: node.name, webhookDescription: description } as IWebhookData,
			[],
			data,
		);
		const { signature, ...parameters } = Object.fromEntries(url.searchParams);
		const signed = new URL(context.getSignedResumeUrl(parameters));
		if (url.pathname !== signed.pathname || signature !== signed.searchParams.get('signature')) {
			return answer(401, 'Invalid token');
		}
		if (description === undefined || type.webhook === undefined) {
			return answer(404, 'The workflow does not contain a waiting webhook with this method.');
		}
		entry.node.disabled = true;
		data.waitTill = undefined;
		data.resultData.runData[node.name]?.pop();
		await workflow.expression.acquireIsolate();
		const result = await type.webhook.call(context);
		await workflow.expression.releaseIsolate();
		if (result.workflowData !== undefined) {
			// n8n's own guard, and its answer to those who come second at the same moment.
			if (execution.status !== 'waiting') return answer(500, 'There was a problem.');
			entry.data = { main: result.workflowData };
			entry.metadata = { ...entry.metadata, forwardAllOutputs: true };
			execution.resumed = true;
			this.launch(execution, data);
		}
		return result.noWebhookResponse === true ? given : { ...given, body: result.webhookResponse };
	}
}

function answer(status: number, body: string): TestResponse {
	return { ...recordingResponse().answer, status, body, ended: true };
}

function firstData(
	node: INode,
	input: INodeExecutionData[] = [{ json: {} }],
	parentExecution?: ExecuteWorkflowOptions['parentExecution'],
): IRunExecutionData {
	return createRunExecutionData({
		executionData: {
			nodeExecutionStack: [
				{ node, data: { main: [input] }, metadata: { parentExecution }, source: null },
			],
		},
		parentExecution,
	});
}

/** What the last node of an execution gave: the result of a sub-workflow. */
function lastOutputOf(execution: Execution): Array<INodeExecutionData[] | null> {
	const { lastNodeExecuted, runData } = execution.data.resultData;
	return runData[lastNodeExecuted ?? '']?.at(-1)?.data?.main ?? [];
}
