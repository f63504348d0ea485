import { z } from 'zod';

import { parse } from '../core';
import type { Runtime } from '../core';
import type { SearchFilters } from './filters';
import { words } from './tokens';

/** How long ago something may have been published. */
export const RECENCIES = ['day', 'week', 'month', 'year'] as const;

/** Filters as they are asked for. */
export interface RequestedFilters {
	/** Not older than this, counted from now. Loses against `from`. */
	recency?: (typeof RECENCIES)[number];
	/** First day, `YYYY-MM-DD`. */
	from?: string;
	/** Last day, `YYYY-MM-DD`. */
	to?: string;
	/** Two letters, ISO 639-1. */
	language?: string;
	/** Two letters, ISO 3166. */
	region?: string;
	includeDomains?: readonly string[];
	excludeDomains?: readonly string[];
}

/** What is searched: the words to look for, and what the hits have to be. */
export interface SearchPlan {
	/** The question without its operators. */
	text: string;
	filters: SearchFilters;
}

const DAYS = { day: 1, week: 7, month: 31, year: 366 };
const MS_PER_DAY = 86_400_000;
const FIRST_DAY = '1900-01-01';

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day such as 2026-01-31');
const domain = z
	.string()
	.trim()
	.toLowerCase()
	.transform((text) => text.replace(/^https?:\/\//, '').replace(/^\*?\.|[/:].*$/g, ''))
	.pipe(z.string().regex(/^[^\s./]+(\.[^\s./]+)+$/, 'must be a domain such as example.org'));

const filtersSchema = z
	.object({
		recency: z.enum(RECENCIES).optional(),
		from: day.optional(),
		to: day.optional(),
		language: z
			.string()
			.toLowerCase()
			.regex(/^[a-z]{2}$/, 'must be two letters such as en')
			.optional(),
		region: z
			.string()
			.toUpperCase()
			.regex(/^[A-Z]{2}$/, 'must be two letters such as US')
			.optional(),
		includeDomains: z.array(domain).optional(),
		excludeDomains: z.array(domain).optional(),
	})
	.strict();

/**
 * Reads the operators in a question, `site:`, `-site:`, `after:`, `before:`, `lang:`, `region:`,
 * `"phrases"` and `-words`, and joins them with the filters asked for besides it; what is asked for
 * besides wins. Quotation marks and dashes of questions longer than 15 words are prose, not
 * operators. An operator whose value makes no sense is left in the question as it is.
 *
 * @throws {ValidationError} naming each wrong filter
 */
export function planSearch(
	query: string,
	requested: RequestedFilters,
	runtime: Pick<Runtime, 'now'>,
): SearchPlan {
	const asked = parse(filtersSchema, requested, 'Filters');
	const { text, operators, phrases, excludedWords } = readOperators(query);
	const joined = { ...operators, ...present(asked) };
	const dates = datesOf(joined, runtime.now());
	return {
		text,
		filters: present({
			dates,
			language: joined.language,
			region: joined.region,
			includeDomains: both(operators.includeDomains, asked.includeDomains),
			excludeDomains: both(operators.excludeDomains, asked.excludeDomains),
			phrases: phrases.length === 0 ? undefined : phrases,
			excludedWords: excludedWords.length === 0 ? undefined : excludedWords,
		}),
	};
}

type Filters = z.infer<typeof filtersSchema>;

const OPERATOR = /(^|\s)(-?)(site|after|before|lang|language|region|country):(\S+)/giu;
const PHRASE = /"([^"]+)"/gu;
const EXCLUDED = /(^|\s)-(\p{L}[\p{L}\p{N}]*)(?=\s|$)/gu;

/** In a longer question quotation marks and dashes are those of prose. */
const MAX_OPERATOR_WORDS = 15;

function readOperators(query: string) {
	const operators: Filters = {};
	const phrases: string[] = [];
	const excludedWords: string[] = [];
	const isProse = words(query).length > MAX_OPERATOR_WORDS;
	const text = query
		.replace(OPERATOR, (all, before: string, minus: string, name: string, value: string) =>
			takeOperator(operators, `${minus}${name.toLowerCase()}`, value) ? before : all,
		)
		.replace(PHRASE, (all, phrase: string) => {
			if (isProse) return all;
			phrases.push(phrase.trim());
			return phrase;
		})
		.replace(EXCLUDED, (all, before: string, word: string) => {
			if (isProse) return all;
			excludedWords.push(word);
			return before;
		})
		.replace(/\s+/g, ' ')
		.trim();
	// A question of nothing but operators is still looked for as it stands.
	return { text: text === '' ? query.trim() : text, operators, phrases, excludedWords };
}

/** @returns whether the value makes sense */
function takeOperator(operators: Filters, name: string, value: string): boolean {
	const field: Filters = fieldOf(operators, name, value.replace(/^"|"$/g, ''));
	const checked = filtersSchema.safeParse(field);
	if (!checked.success || Object.keys(field).length === 0) return false;
	Object.assign(operators, checked.data);
	return true;
}

function fieldOf(operators: Filters, name: string, value: string): Filters {
	switch (name) {
		case 'site':
			return { includeDomains: [...(operators.includeDomains ?? []), value] };
		case '-site':
			return { excludeDomains: [...(operators.excludeDomains ?? []), value] };
		case 'after':
			return { from: value };
		case 'before':
			return { to: value };
		case 'lang':
		case 'language':
			return { language: value };
		case 'region':
		case 'country':
			return { region: value };
		default:
			return {};
	}
}

/** Both ends are always given, so that every engine can be told. */
function datesOf({ recency, from, to }: Filters, now: number): SearchFilters['dates'] {
	if (recency === undefined && from === undefined && to === undefined) return undefined;
	const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
	const first = recency === undefined ? FIRST_DAY : dayOf(now - DAYS[recency] * MS_PER_DAY);
	return { from: from ?? first, to: to ?? dayOf(now) };
}

function both(first: string[] = [], second: string[] = []): string[] | undefined {
	const all = [...new Set([...first, ...second])];
	return all.length === 0 ? undefined : all;
}

function present<Fields extends object>(fields: Fields): Fields {
	const known = Object.entries(fields).filter(([, value]) => value !== undefined);
	return Object.fromEntries(known) as Fields;
}
