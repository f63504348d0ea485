import { Workflow } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	ICredentialType,
	ICredentialsHelper,
	IDataObject,
	IHttpRequestOptions,
	INodeCredentialsDetails,
} from 'n8n-workflow';

/** A credential as a user fills it in. */
export interface TestCredential {
	/** The class that describes it; without one, requests are sent as they are. */
	type?: ICredentialType;
	data: ICredentialDataDecryptedObject;
}

/** The parts of n8n's credentials helper that an execution uses; the rest is never called. */
type UsedHelper = Pick<
	ICredentialsHelper,
	| 'getParentTypes'
	| 'isCredentialUsableByNode'
	| 'authenticate'
	| 'preAuthentication'
	| 'getDecrypted'
	| 'getCredentialsProperties'
>;

/**
 * Credentials by name, authenticated as n8n does it: the generic kind by expressions over
 * `$credentials`, the others by their function.
 */
export function credentialsHelper(credentials: Record<string, TestCredential>): ICredentialsHelper {
	const types = new Map<string, ICredentialType>();
	for (const { type } of Object.values(credentials)) if (type) types.set(type.name, type);

	const helper: UsedHelper = {
		getParentTypes: (name) => types.get(name)?.extends ?? [],
		isCredentialUsableByNode: () => true,
		preAuthentication: async () => undefined,
		getCredentialsProperties: (name) => types.get(name)?.properties ?? [],
		getDecrypted: async (_additionalData, reference: INodeCredentialsDetails, type) => {
			const found = credentials[reference.id ?? reference.name];
			if (found === undefined) throw new Error(`No credential "${reference.name}" of ${type}`);
			return { ...found.data };
		},
		authenticate: async (data, name, options) => {
			const authenticate = types.get(name)?.authenticate;
			if (authenticate === undefined) return options as IHttpRequestOptions;
			if (typeof authenticate === 'function') {
				return await authenticate(data, options as IHttpRequestOptions);
			}
			const added = resolved(authenticate.properties as IDataObject, data);
			return merged(options as IHttpRequestOptions, added);
		},
	};
	return helper as ICredentialsHelper;
}

function merged(options: IHttpRequestOptions, added: IDataObject): IHttpRequestOptions {
	const { headers, qs, body, auth } = added as Partial<Record<string, IDataObject>>;
	return {
		...options,
		headers: { ...options.headers, ...headers },
		qs: { ...options.qs, ...qs },
		...(auth === undefined ? {} : { auth: auth as IHttpRequestOptions['auth'] }),
		...(body === undefined ? {} : { body: { ...(options.body as IDataObject), ...body } }),
	};
}

/** The properties with their expressions evaluated. */
function resolved(value: IDataObject, credentials: ICredentialDataDecryptedObject): IDataObject {
	const entries = Object.entries(value).map(([key, entry]) => [
		evaluated(key, credentials),
		typeof entry === 'object' && entry !== null
			? resolved(entry as IDataObject, credentials)
			: evaluated(entry, credentials),
	]);
	return Object.fromEntries(entries) as IDataObject;
}

const nodeTypes = {
	getByName: () => undefined as never,
	getByNameAndVersion: () => undefined as never,
	getKnownTypes: () => ({}),
};
const evaluator = new Workflow({ nodes: [], connections: {}, active: false, nodeTypes });
const evaluatorNode = {
	id: 'credential',
	name: 'credential',
	type: 'harness.credential',
	typeVersion: 1,
	position: [0, 0] as [number, number],
	parameters: {},
};

function evaluated(value: unknown, $credentials: ICredentialDataDecryptedObject): unknown {
	if (typeof value !== 'string' || !value.startsWith('=')) return value;
	return evaluator.expression.getSimpleParameterValue(
		evaluatorNode,
		value,
		'internal',
		{ $credentials },
		undefined,
		'',
	);
}
