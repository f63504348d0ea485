import type {
	IConnections,
	INode,
	INodeCredentials,
	INodeParameters,
	INodeType,
	NodeConnectionType,
	OnError,
} from 'n8n-workflow';

/** A node of a test workflow: what n8n stores, and the type that runs it. */
export interface TestNode {
	node: INode;
	type: INodeType;
}

/** Everything of a node but its name, type and parameters. */
export interface NodeSettings {
	/** Names of credentials by their type, as given to {@link TestInstance}. */
	credentials?: Record<string, string>;
	onError?: OnError;
	retryOnFail?: boolean;
	maxTries?: number;
	waitBetweenTries?: number;
	alwaysOutputData?: boolean;
	executeOnce?: boolean;
	disabled?: boolean;
}

/** The package that the type names of our nodes begin with. */
const PACKAGE = 'n8n-nodes-agent-swarm';

/**
 * A node of a test workflow.
 *
 * @param name - also its id, so that resume addresses are readable
 * @param type - an instance of the node class; missing parameters get the defaults it describes
 */
export function node(
	name: string,
	type: INodeType,
	parameters: INodeParameters = {},
	{ credentials, ...settings }: NodeSettings = {},
): TestNode {
	const { version, defaultVersion } = type.description;
	return {
		type,
		node: {
			id: name,
			name,
			type: typeNameOf(type),
			typeVersion: defaultVersion ?? [version].flat().at(-1)!,
			position: [0, 0],
			parameters,
			...settings,
			...(credentials === undefined ? {} : { credentials: references(credentials) }),
		},
	};
}

/** The name by which workflows refer to a node type. */
export function typeNameOf(type: INodeType): string {
	const { name } = type.description;
	return name.includes('.') ? name : `${PACKAGE}.${name}`;
}

function references(names: Record<string, string>): INodeCredentials {
	return Object.fromEntries(
		Object.entries(names).map(([type, name]) => [type, { id: name, name }]),
	);
}

/** How two nodes are linked. */
export interface Link {
	from: string;
	to: string;
	/** Output of `from`. Default 0. */
	output?: number;
	/** Input of `to`. Default 0. */
	input?: number;
	/** Default `main`; for sub-nodes e.g. `ai_languageModel`, from the sub-node to its user. */
	type?: NodeConnectionType;
}

/** Links made of `{ from, to }` and of chains of names. */
export function connect(...links: Array<Link | readonly string[]>): IConnections {
	const connections: IConnections = {};
	for (const link of links.flatMap((entry) => (isChain(entry) ? chainLinks(entry) : [entry]))) {
		const { from, to, output = 0, input = 0, type = 'main' } = link;
		const outputs = ((connections[from] ??= {})[type] ??= []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output]!.push({ node: to, type, index: input });
	}
	return connections;
}

/** Nodes one after the other, first output to first input: `chain('Start', 'Task', 'End')`. */
export function chain(...names: string[]): IConnections {
	return connect(names);
}

function isChain(entry: Link | readonly string[]): entry is readonly string[] {
	return Array.isArray(entry);
}

function chainLinks(names: readonly string[]): Link[] {
	return names.slice(1).map((to, index) => ({ from: names[index]!, to }));
}
