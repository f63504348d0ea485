import { EngineError } from '../core';
import type { ErrorClass, HttpClient, HttpResponse } from '../core';
import { extractArticle } from './extract/article';
import type { Article } from './extract/article';
import { cleanText } from './extract/plainText';
import { isPublicUrl } from './publicAddress';
import { safeUrl } from './safeUrl';

/** How pages are read. */
export interface ReadPageOptions {
	http: HttpClient;
	signal: AbortSignal;
	/** Time limit of each request, in milliseconds. */
	timeoutMs: number;
	/** Opens pages of the network around as well. Default false. */
	allowPrivate?: boolean;
}

const MAX_BYTES = 2 * 1024 * 1024;
const MAX_REDIRECTS = 5;
/** Fewer characters than this are a notice, not an article. */
const MIN_CHARS = 200;

const USER_AGENT = 'n8n-nodes-agent-swarm (https://github.com/agent-swarm/n8n-nodes-agent-swarm)';

/**
 * The article of the page at an address. Every address on the way, redirects included, has to be
 * one of the public internet.
 *
 * @throws {EngineError} `PAGE_FAILED` when it is refused, blocked, no page of text, or too short
 */
export async function readPage(address: string, options: ReadPageOptions): Promise<Article> {
	let url = address;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
		checkAddress(url, options.allowPrivate ?? false);
		const response = await options.http.request({
			method: 'GET',
			url,
			headers: { 'user-agent': USER_AGENT, accept: 'text/html,application/xhtml+xml,text/plain' },
			followRedirects: false,
			maxBytes: MAX_BYTES,
			timeoutMs: options.timeoutMs,
			signal: options.signal,
		});
		const { location } = response.headers;
		const isRedirect = response.status >= 300 && response.status < 400 && location !== undefined;
		if (!isRedirect) return articleOf(response);
		url = URL.parse(location, url)?.href ?? location;
	}
	throw failure(`The page was redirected more than ${MAX_REDIRECTS} times.`, 'bad_output');
}

function checkAddress(url: string, allowPrivate: boolean): void {
	if (allowPrivate ? safeUrl(url) !== undefined : isPublicUrl(url)) return;
	throw failure('The address leads out of the public internet; it was not opened.', 'guardrail');
}

function articleOf({ status, headers, text }: HttpResponse): Article {
	if (status !== 200) throw failure(`The page answered with status ${status}.`, 'server');
	const type = (headers['content-type'] ?? 'text/html').split(';', 1)[0]!.trim().toLowerCase();
	const article = contentOf(type, text);
	if (article.text.length < MIN_CHARS) {
		throw failure('The page has no article, or needs a browser to show it.', 'bad_output');
	}
	// Neither its headers nor the page itself name its encoding: what it says could not be quoted.
	if (article.text.split('\ufffd').length - 1 > article.text.length / 200) {
		throw failure('The page does not say in which encoding it is written.', 'bad_output');
	}
	return article;
}

function contentOf(type: string, text: string): Article {
	if (['text/html', 'application/xhtml+xml'].includes(type)) return extractArticle(text);
	if (type !== 'text/plain') throw failure(`The page is ${type}, not HTML or text.`, 'bad_output');
	const paragraphs = text.split(/\n\s*\n/).map(cleanText);
	const plain = paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
	return { title: '', text: plain, publishedAt: null, author: null, canonicalUrl: null };
}

function failure(message: string, errorClass: ErrorClass): EngineError {
	return new EngineError('PAGE_FAILED', message, { errorClass });
}
