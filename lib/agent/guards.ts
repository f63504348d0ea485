import { ValidationError } from '../core';
import type { Guard } from './answer';

/** The shortest text whose repetition in an answer counts as a leak of the instructions. */
const LEAK_LENGTH = 60;

/**
 * Holds back text that holds one of these words or patterns.
 *
 * @param rules - a word or phrase, found in any case and as whole words; or a pattern between
 * slashes, e.g. `/\b\d{16}\b/`
 * @throws {ValidationError} when a pattern does not compile
 */
export function forbiddenText(rules: readonly string[]): Guard {
	const patterns = rules.map((rule) => ({ rule, pattern: patternOf(rule) }));
	return {
		check: (text) => {
			const found = patterns.find(({ pattern }) => pattern.test(text));
			return found === undefined ? undefined : `The text must not hold ${found.rule}.`;
		},
	};
}

function patternOf(rule: string): RegExp {
	const written = /^\/(.+)\/([imsu]*)$/.exec(rule);
	if (written === null) {
		const phrase = rule.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
		return new RegExp(`(?<![\\p{L}\\p{N}])${phrase}(?![\\p{L}\\p{N}])`, 'iu');
	}
	let problem: string;
	try {
		return new RegExp(written[1]!, written[2]);
	} catch (error) {
		problem = (error as Error).message;
	}
	throw new ValidationError(`The pattern ${rule} cannot be used: ${problem}.`, {
		hint: 'Correct the pattern, or write the words without slashes.',
	});
}

/** Holds back text of more characters than this. */
export function maxLength(characters: number): Guard {
	return {
		check: (text) =>
			text.length > characters
				? `The text must have at most ${characters} characters, it has ${text.length}.`
				: undefined,
	};
}

/**
 * Holds back answers with links to other places than these: a link can carry data out, or people
 * to a trap.
 *
 * @param hosts - e.g. `example.com`, which also allows its subdomains
 */
export function linksOnlyTo(hosts: readonly string[]): Guard {
	const allowed = hosts.map((host) => host.toLowerCase());
	return {
		check: (text) => {
			for (const [, host] of text.matchAll(/\bhttps?:\/\/(?:[^\s/@]*@)?([^\s/:?#"'<>)\]]+)/gi)) {
				const name = host!.toLowerCase();
				const known = allowed.some((one) => name === one || name.endsWith(`.${one}`));
				if (!known) return `The text must not link to ${name}.`;
			}
			return undefined;
		},
	};
}

/** Holds back answers that repeat a long piece of the agent's own instructions. */
export function noLeakOf(instructions: string): Guard {
	const secret = squeeze(instructions);
	const pieces: string[] = [];
	// Overlapping by half, so that a leaked piece of twice the length holds one of them whole.
	for (let at = 0; at + LEAK_LENGTH <= secret.length; at += LEAK_LENGTH / 2) {
		pieces.push(secret.slice(at, at + LEAK_LENGTH));
	}
	return {
		check: (text) => {
			const said = squeeze(text);
			return pieces.some((piece) => said.includes(piece))
				? "The text must not repeat the agent's instructions."
				: undefined;
		},
	};
}

function squeeze(text: string): string {
	return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
