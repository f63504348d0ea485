/** What a test has asked the stand-in to do with coming requests. */
import type { Reply } from './protocol.ts';

export interface Rule {
	/** Only requests whose messages contain this text. Default: all. */
	match?: string;
	/** How many requests it applies to. Default 1. */
	times?: number;
	/** Answer with this error status. */
	status?: number;
	/** `Retry-After` of the error, in seconds. */
	retryAfterS?: number;
	/** Wait this long before the answer, in milliseconds, instead of the server's latency. */
	delayMs?: number;
	/** Break the connection after the first part of the answer. */
	cutOff?: boolean;
	/** Say this instead of the usual answer. */
	reply?: Reply;
	/** Say this text as it is, e.g. broken JSON in place of the whole body. */
	rawBody?: string;
}

export interface Script {
	add(...rules: Rule[]): void;
	/** The first rule that fits the request; uses it up. */
	next(prompt: string): Rule | undefined;
	clear(): void;
}

export function script(): Script {
	let rules: Array<Rule & { left: number }> = [];
	return {
		add: (...added) => {
			rules.push(...added.map((rule) => ({ ...rule, left: rule.times ?? 1 })));
		},
		next: (prompt) => {
			const rule = rules.find(({ match }) => match === undefined || prompt.includes(match));
			if (rule) rule.left -= 1;
			rules = rules.filter(({ left }) => left > 0);
			return rule;
		},
		clear: () => {
			rules = [];
		},
	};
}
