import { de } from './de';
import { en } from './en';
import type { Phrases } from './en';
import { es } from './es';
import { fr } from './fr';

export type { Phrases };

/** The languages of the pages by their codes. */
export const LANGUAGES: Readonly<Record<string, Phrases>> = { en, de, fr, es };

/** The code of the best language for a reader. */
export function languageFor(wanted: string | null, acceptLanguage: string | undefined): string {
	const codes = [wanted ?? '', ...preferred(acceptLanguage ?? '')];
	const known = codes.map((code) => code.toLowerCase().split('-')[0]!);
	return known.find((code) => Object.hasOwn(LANGUAGES, code)) ?? 'en';
}

/** The codes of an Accept-Language header, most wanted first. */
function preferred(header: string): string[] {
	return header
		.slice(0, 500)
		.split(',')
		.map((entry, index) => {
			const [code = '', ...parameters] = entry.trim().split(';');
			const quality = parameters.map((text) => /^\s*q=([\d.]+)/.exec(text)?.[1]).find(Boolean);
			return { code, index, quality: quality === undefined ? 1 : Number(quality) };
		})
		.filter(({ quality }) => quality > 0)
		.sort((a, b) => b.quality - a.quality || a.index - b.index)
		.map(({ code }) => code);
}

/** A phrase with its values put in. */
export function say(phrase: string, values: Readonly<Record<string, string | number>>): string {
	return phrase.replace(/\{(\w+)\}/g, (whole, name: string) =>
		Object.hasOwn(values, name) ? String(values[name]) : whole,
	);
}
