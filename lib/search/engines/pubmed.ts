import { z } from 'zod';

import type { HttpClient } from '../../core';
import { elementsOf, firstElement, textOfXml } from '../extract/xml';
import type { SearchFilters } from '../filters';
import type { SearchEngine } from '../searchEngine';
import { isStopWord, words } from '../tokens';
import { badOutput, checkStatus, parseAnswer } from './answer';
import { dateOfParts } from './dates';
import { httpEngine } from './httpEngine';
import type { RawHit, ServiceOptions } from './httpEngine';

const NAME = 'PubMed';

const idsSchema = z.object({
	esearchresult: z.object({ idlist: z.array(z.string().regex(/^\d+$/)) }),
});

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/**
 * Medical literature with abstracts: one call finds, a second one fetches. Needs no key.
 *
 * @param options.apiUrl - address of the E-utilities, without the name of one
 * @see https://www.ncbi.nlm.nih.gov/books/NBK25499/
 */
export function pubmedEngine(http: HttpClient, options: ServiceOptions = {}): SearchEngine {
	const { apiUrl = 'https://eutils.ncbi.nlm.nih.gov/entrez/eutils' } = options;
	const tool = { db: 'pubmed', tool: 'n8n-nodes-agent-swarm', api_key: options.apiKey };
	return httpEngine(http, options, {
		name: NAME,
		maxCalls: 2,
		filters: ['dates'],
		// Three requests a second are allowed, and a search takes two.
		limits: { rate: [{ limit: 1, perMs: 700 }] },
		async find({ text, limit, filters }, send) {
			const term = words(text)
				.filter((word) => !isStopWord(word))
				.join(' ');
			const found = await send({
				url: `${apiUrl}/esearch.fcgi`,
				query: {
					...tool,
					...datesOf(filters),
					term,
					retmode: 'json',
					retmax: limit,
					sort: 'relevance',
				},
			});
			const ids = parseAnswer(NAME, idsSchema, found).esearchresult.idlist;
			if (ids.length === 0) return [];
			const articles = await send({
				url: `${apiUrl}/efetch.fcgi`,
				query: { ...tool, id: ids.join(','), retmode: 'xml' },
				headers: { accept: 'application/xml' },
			});
			checkStatus(NAME, articles);
			const set = firstElement(articles.text, 'PubmedArticleSet');
			if (set === undefined) throw badOutput(NAME, articles.text);
			return elementsOf(set, 'PubmedArticle').map(hitOf);
		},
	});
}

function datesOf({ dates }: SearchFilters = {}) {
	if (dates === undefined) return {};
	const [mindate, maxdate] = [dates.from, dates.to].map((day) => day.replaceAll('-', '/'));
	return { datetype: 'pdat', mindate, maxdate };
}

function hitOf(article: string): RawHit {
	const field = (name: string) => textOfXml(firstElement(article, name) ?? '');
	return {
		url: `https://pubmed.ncbi.nlm.nih.gov/${field('PMID')}/`,
		work: { doi: elementsOf(article, 'ELocationID').map(textOfXml).find(isDoi) },
		title: field('ArticleTitle'),
		text: elementsOf(article, 'AbstractText').map(textOfXml).join(' '),
		publishedAt: dateOf(firstElement(article, 'PubDate') ?? ''),
	};
}

function isDoi(number: string): boolean {
	return number.startsWith('10.');
}

/** Months come as numbers or as English names. */
function dateOf(date: string): string | null {
	const field = (name: string) => textOfXml(firstElement(date, name) ?? '');
	const month = MONTHS.indexOf(field('Month').slice(0, 3).toLowerCase()) + 1;
	return dateOfParts([
		Number(field('Year')),
		month || Number(field('Month')),
		Number(field('Day')),
	]);
}
