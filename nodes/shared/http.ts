import { getCredentialAllowedDomains } from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INode,
} from 'n8n-workflow';

import type { EngineError, HttpClient, HttpRequest, HttpResponse, HttpStream } from '../../lib';
import { decodedText, plainHeaders } from './httpBody';
import { cancelledError, exchangeError, timeoutError } from './httpErrors';
import { n8nRuntime } from './runtime';

/** What the client needs of n8n; a node's `this` in `execute`, `supplyData` and `loadOptions`. */
export type HttpContext = Pick<IExecuteFunctions, 'getNode' | 'getCredentials'> &
	Partial<Pick<IExecuteFunctions, 'getExecutionCancelSignal'>> & {
		helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
	};

/** An answer as n8n's helper gives it with `encoding: 'stream'` and `returnFullResponse`. */
interface StreamedAnswer {
	statusCode: number;
	headers: Record<string, string | string[] | undefined>;
	body: AsyncIterable<Uint8Array> & { destroy(): void };
}

/** Why the signal of an exchange aborts that is over. */
const ENDED = 'The exchange is over.';

/** The life of one exchange: what may end it early, and why it did. */
interface Exchange {
	signal: AbortSignal;
	/** The error to report when the exchange was broken off, else undefined. */
	brokenOff(): EngineError | undefined;
	/** Lets go of the timer and of the callers' signals, and of what is left of the connection. */
	end(): void;
}

/**
 * The engine's way out through n8n, which knows about proxies, forbidden addresses and
 * credentials. Every exchange also ends when the execution is stopped.
 *
 * @param credentialType - name of the credential whose authentication is added to each request; it
 * is read once for all requests of the client.
 * Its list of allowed domains is enforced, also on redirects, and its Authorization header does
 * not follow a redirect to another origin
 */
export function nodeHttpClient(context: HttpContext, credentialType?: string): HttpClient {
	let reading: Promise<ICredentialDataDecryptedObject> | undefined;
	// n8n copies the whole node for everybody who asks for it.
	let node: INode | undefined;
	const credential = async (type: string): Promise<ICredentialDataDecryptedObject> => {
		// Each reading is a query of n8n's database and a decryption, at the pace of the requests.
		reading ??= context.getCredentials(type);
		// What could not be read is not remembered.
		reading.catch(() => (reading = undefined));
		return { ...(await reading) };
	};

	const send = async (request: HttpRequest, exchange: Exchange): Promise<StreamedAnswer> => {
		const options = helperOptions(request, exchange.signal);
		if (credentialType === undefined) {
			return (await context.helpers.httpRequest(options)) as StreamedAnswer;
		}
		const credentialData = await credential(credentialType);
		options.allowedDomains = allowedDomainsOf((node ??= context.getNode()), credentialData);
		options.sendCredentialsOnCrossOriginRedirect = false;
		return (await context.helpers.httpRequestWithAuthentication.call(
			contextOf(context, { signal: exchange.signal, credential }),
			credentialType,
			options,
		)) as StreamedAnswer;
	};

	const open = async (request: HttpRequest): Promise<HttpStream> => {
		const exchange = startExchange(request, context.getExecutionCancelSignal?.());
		const failed = async (error: unknown) => {
			const failure = exchange.brokenOff() ?? exchangeError(request, error);
			exchange.end();
			return await Promise.reject(failure);
		};
		if (exchange.signal.aborted) return await failed(undefined);
		return await send(request, exchange).then((answer) => {
			const headers = plainHeaders(answer.headers);
			return {
				status: answer.statusCode,
				headers,
				chunks: chunksOf(request, exchange, answer, headers),
			};
		}, failed);
	};

	return {
		async request(request: HttpRequest): Promise<HttpResponse> {
			const { chunks, ...answer } = await open(request);
			let text = '';
			for await (const chunk of chunks) text += chunk;
			return { ...answer, text };
		},
		async stream(request: HttpRequest): Promise<HttpStream> {
			return await open(request);
		},
	};
}

/** The body as text; ends the exchange when it is read to its end, fails, or is left early. */
async function* chunksOf(
	request: HttpRequest,
	exchange: Exchange,
	answer: StreamedAnswer,
	headers: Readonly<Record<string, string>>,
): AsyncGenerator<string> {
	let failure: unknown;
	try {
		yield* decodedText(answer.body, headers['content-type'], request);
	} catch (error) {
		failure = exchange.brokenOff() ?? exchangeError(request, error);
	} finally {
		answer.body.destroy();
		exchange.end();
	}
	if (failure !== undefined) throw failure;
}

/**
 * The hosts that may see a credential; undefined means all.
 *
 * A credential with an address of its own (`baseUrl`, `url`) always works there, also when its
 * owner closed it for addresses that users type into nodes.
 */
function allowedDomainsOf(
	node: INode,
	credentialData: ICredentialDataDecryptedObject,
): string | undefined {
	const own = [credentialData.baseUrl, credentialData.url].find(
		(url): url is string => typeof url === 'string' && URL.canParse(url),
	);
	const allowed = getCredentialAllowedDomains({
		node,
		credentialData,
		credentialOwnedSurface: own !== undefined,
		nodeEndpointUrl: own,
	});
	const closed = credentialData.allowedHttpRequestDomains === 'none';
	return closed && own !== undefined ? new URL(own).hostname : allowed;
}

function helperOptions(request: HttpRequest, abortSignal: AbortSignal): IHttpRequestOptions {
	const options: IHttpRequestOptions = {
		method: request.method,
		url: request.url,
		headers: { ...request.headers },
		qs: { ...request.query },
		encoding: 'stream',
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: request.followRedirects === false,
		abortSignal,
	};
	if (request.body === undefined) return options;
	options.body = typeof request.body === 'string' ? request.body : JSON.stringify(request.body);
	if (typeof request.body !== 'string' && !hasHeader(request, 'content-type')) {
		options.headers = { ...options.headers, 'content-type': 'application/json' };
	}
	return options;
}

function hasHeader(request: HttpRequest, name: string): boolean {
	return Object.keys(request.headers ?? {}).some((header) => header.toLowerCase() === name);
}

/**
 * The same context with the cancel signal of one exchange, and with a credential that is read once.
 * n8n's authenticated helper ignores the signal of the request and takes the one of the context,
 * which would leave attempts without time limits.
 */
function contextOf(
	context: HttpContext,
	{
		signal,
		credential,
	}: { signal: AbortSignal; credential: (type: string) => Promise<ICredentialDataDecryptedObject> },
): IExecuteFunctions {
	return Object.create(context, {
		getExecutionCancelSignal: { value: () => signal },
		getCredentials: { value: credential },
	}) as IExecuteFunctions;
}

function startExchange(request: HttpRequest, stopped: AbortSignal | undefined): Exchange {
	const controller = new AbortController();
	let timedOut = false;
	const abort = () => controller.abort();
	const sources = [request.signal, stopped].filter((signal) => signal !== undefined);
	for (const signal of sources) {
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
	}
	const timer =
		request.timeoutMs === undefined
			? undefined
			: n8nRuntime.setTimer(request.timeoutMs, () => {
					timedOut = true;
					abort();
				});
	return {
		signal: controller.signal,
		brokenOff: () => {
			if (!controller.signal.aborted) return undefined;
			if (timedOut) return timeoutError(request);
			return cancelledError(request);
		},
		end: () => {
			timer?.cancel();
			for (const signal of sources) signal.removeEventListener('abort', abort);
			// A body that is left early may hang on to its connection until the next piece arrives.
			// With a reason of its own, since making the usual one costs more than all the rest here.
			controller.abort(ENDED);
		},
	};
}
