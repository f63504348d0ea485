import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IDataObject, INode, INodeParameters, INodeType } from 'n8n-workflow';

import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { connect, node, runWorkflow, start, subNode } from '../../harness';

/** What n8n hands over for a request. */
interface Request {
	body?: unknown;
	query?: Record<string, string>;
	headers?: Record<string, string>;
}

interface Response {
	code: number;
	body: IDataObject;
}

/** Stands for Edit Fields, as far as the examples use it: the item is what an expression gives. */
const editFields: INodeType = {
	description: {
		...{ displayName: 'Edit Fields', name: 'test.set', group: ['transform'], version: 1 },
		...{ description: '', defaults: { name: 'Edit Fields' }, inputs: ['main'], outputs: ['main'] },
		properties: [{ displayName: 'JSON', name: 'jsonOutput', type: 'json', default: '' }],
	},
	async execute() {
		const items = this.getInputData().map((_, index) => ({
			json: this.getNodeParameter('jsonOutput', index) as IDataObject,
			pairedItem: { item: index },
		}));
		return await Promise.resolve([items]);
	},
};

/** Stands for Respond to Webhook: its item is the answer. */
const respond: INodeType = {
	description: {
		...{ ...editFields.description, displayName: 'Respond', name: 'test.respond' },
		properties: [
			{ displayName: 'Body', name: 'responseBody', type: 'string', default: '' },
			{ displayName: 'Options', name: 'options', type: 'json', default: {} },
		],
	},
	async execute() {
		const body = JSON.parse(this.getNodeParameter('responseBody', 0) as string) as IDataObject;
		const { responseCode } = this.getNodeParameter('options', 0) as { responseCode: number };
		return await Promise.resolve([[{ json: { code: responseCode, body } }]]);
	},
};

/** Matches an address against a path with `:names`. @returns the values by name */
function match(pattern: string, path: string): Record<string, string> | undefined {
	const [wanted, given] = [pattern.split('/'), path.replace(/\/$/, '').split('/')];
	if (wanted.length !== given.length) return undefined;
	const fits = wanted.every((part, index) => part.startsWith(':') || part === given[index]);
	if (!fits) return undefined;
	const names = wanted.flatMap((part, index) =>
		part.startsWith(':') ? [[part.slice(1), given[index]!] as const] : [],
	);
	return Object.fromEntries(names);
}

/** The address of a webhook; n8n puts the webhook's id before a path with names in it. */
function addressOf({ parameters: { path }, webhookId }: INode): string {
	return String(path).includes(':') ? `${webhookId}/${String(path)}` : String(path);
}

/**
 * Serves an example workflow without n8n's HTTP server: webhooks, fields and answers are those of the
 * file.
 *
 * @param change - other options for its Agent Workflow nodes, by their names
 */
export function apiExample(
	file: string,
	{ model, change = {} }: { model?: object; change?: Record<string, INodeParameters> } = {},
) {
	const text = readFileSync(join(__dirname, '../../../examples', `${file}.json`), 'utf8');
	const { nodes } = JSON.parse(text) as { nodes: INode[] };
	const find = (name: string): INode => nodes.find((one) => one.name === name)!;

	return async (method: string, path: string, request: Request = {}): Promise<Response> => {
		for (const hook of nodes.filter(({ type }) => type.endsWith('.webhook'))) {
			const params = match(addressOf(hook), path);
			if (hook.parameters.httpMethod !== method || params === undefined) continue;
			const title = hook.name.slice(method.length + 1);
			const { parameters, ...settings } = find(title);
			const options = { ...(parameters.options as INodeParameters), ...change[title] };
			const answer = find(`Answer ${title}`);
			const { onError, alwaysOutputData } = settings;
			const run = await runWorkflow({
				nodes: [
					start(hook.name),
					node(
						title,
						new AgentWorkflow(),
						{ ...parameters, options },
						{ onError, alwaysOutputData },
					),
					node(answer.name, editFields, answer.parameters, { executeOnce: answer.executeOnce }),
					node('Respond', respond, find(`Respond ${title}`).parameters),
					...(model === undefined ? [] : [subNode('Model', 'ai_languageModel', () => model)]),
				],
				connections: connect(
					[hook.name, title, answer.name, 'Respond'],
					...(model === undefined
						? []
						: [{ from: 'Model', to: title, type: 'ai_languageModel' as const }]),
				),
				input: [{ json: { params, body: {}, query: {}, headers: {}, ...request } as IDataObject }],
			});
			if (run.error !== undefined) throw run.error;
			return run.json('Respond')[0] as unknown as Response;
		}
		throw new Error(`No webhook of ${file} answers ${method} ${path}.`);
	};
}
