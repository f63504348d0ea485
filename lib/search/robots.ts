import type { HttpClient } from '../core';
import { isPublicUrl } from './publicAddress';
import { safeUrl } from './safeUrl';

/** How `robots.txt` files are asked for. */
export interface RobotsOptions {
	http: HttpClient;
	signal: AbortSignal;
	/** Time limit of each request, in milliseconds. */
	timeoutMs: number;
	/** Asks sites of the network around as well. Default false. */
	allowPrivate?: boolean;
}

/** The name that sites may address in their file. */
const AGENT = 'n8n-nodes-agent-swarm';
const MAX_BYTES = 512 * 1024;

/** A line that opens or closes a part of a site. */
interface Rule {
	isAllowed: boolean;
	path: string;
}

/**
 * What sites allow programs to read, each file read once. A site without a file allows all; one
 * that cannot tell at the moment allows nothing.
 *
 * @see RFC 9309
 */
export class Robots {
	private readonly rules = new Map<string, Promise<Rule[]>>();

	constructor(private readonly options: RobotsOptions) {}

	/** @param address - of a page that may be opened */
	async allows(address: string): Promise<boolean> {
		const url = URL.parse(address);
		if (url === null) return false;
		const known = this.rules.get(url.origin) ?? this.rulesOf(url.origin);
		this.rules.set(url.origin, known);
		return isAllowed(await known, `${url.pathname}${url.search}`);
	}

	private async rulesOf(origin: string): Promise<Rule[]> {
		const { http, signal, timeoutMs, allowPrivate = false } = this.options;
		const url = `${origin}/robots.txt`;
		if (allowPrivate ? safeUrl(url) === undefined : !isPublicUrl(url)) return CLOSED;
		const headers = { 'user-agent': AGENT };
		return await http
			.request({
				method: 'GET',
				url,
				headers,
				followRedirects: false,
				maxBytes: MAX_BYTES,
				timeoutMs,
				signal,
			})
			.then(
				({ status, text }) => {
					if (status >= 500 || status === 429) return CLOSED;
					return status === 200 ? rulesFor(AGENT, text) : [];
				},
				() => CLOSED,
			);
	}
}

const CLOSED: Rule[] = [{ isAllowed: false, path: '/' }];

/** The rules of the groups that name a program, else of those for all. */
function rulesFor(agent: string, text: string): Rule[] {
	const own: Rule[] = [];
	const common: Rule[] = [];
	let named: string[] = [];
	let isOpen = false;
	for (const line of text.split(/\r\n?|\n/)) {
		const [, field, value] = /^\s*([a-z-]+)\s*:\s*([^#]*?)\s*(?:#.*)?$/i.exec(line) ?? [];
		if (field === undefined || value === undefined) continue;
		const name = field.toLowerCase();
		if (name === 'user-agent') {
			named = isOpen ? [...named, value.toLowerCase()] : [value.toLowerCase()];
			isOpen = true;
		} else if (name === 'allow' || name === 'disallow') {
			isOpen = false;
			// An empty path closes nothing.
			if (value === '') continue;
			const rule = { isAllowed: name === 'allow', path: value };
			if (named.includes(agent)) own.push(rule);
			if (named.includes('*')) common.push(rule);
		}
	}
	return own.length > 0 ? own : common;
}

/** The longest rule that fits decides; of equals, the one that allows. */
function isAllowed(rules: readonly Rule[], path: string): boolean {
	const fitting = rules.filter((rule) => fits(rule.path, path));
	const longest = Math.max(0, ...fitting.map((rule) => rule.path.length));
	const deciding = fitting.filter((rule) => rule.path.length === longest);
	return deciding.length === 0 || deciding.some((rule) => rule.isAllowed);
}

/** Whether a path begins as a rule says, where `*` is anything and `$` the end. Linear in both. */
function fits(pattern: string, path: string): boolean {
	const isWhole = pattern.endsWith('$');
	const [first = '', ...pieces] = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
	if (!path.startsWith(first)) return false;
	let at = first.length;
	for (const [index, piece] of pieces.entries()) {
		const isLast = index === pieces.length - 1;
		const found = isLast && isWhole ? path.lastIndexOf(piece) : path.indexOf(piece, at);
		if (found < at) return false;
		at = found + piece.length;
	}
	return !isWhole || at === path.length;
}
