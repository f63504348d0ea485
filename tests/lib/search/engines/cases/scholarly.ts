import {
	arxivEngine,
	crossrefEngine,
	openAlexEngine,
	pubmedEngine,
	semanticScholarEngine,
} from '../../../../../lib';
import type { EngineCase } from '../contract';

const atom = (entries: string) =>
	`<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">
	<link href="http://arxiv.org/api/query" rel="self"/><title>ArXiv Query</title>${entries}</feed>`;

const entry = (id: string, summary = 'We study tram\n  lines &amp; their riders.') =>
	atom(`<entry><id>${id}</id><updated>2024-02-02T10:00:00Z</updated>
	<published>2024-02-01T10:00:00Z</published><arxiv:doi>10.5555/ar.1</arxiv:doi><title>Tram lines of\n  Europe</title>
	<summary> ${summary} </summary><author><name>A. Author</name></author></entry>`);

const arXivCase: EngineCase = {
	make: (http, origin) => arxivEngine(http, { apiUrl: `${origin}/api/query` }),
	asks: { search_query: 'all:tram OR all:lines', max_results: '3' },
	narrows: {
		search_query: '(all:tram OR all:lines) AND submittedDate:[202501310000 TO 202512012359]',
	},
	answer: entry('http://arxiv.org/abs/2402.00001v1'),
	hits: [
		{
			url: 'http://arxiv.org/abs/2402.00001v1',
			works: ['doi:10.5555/ar.1'],
			title: 'Tram lines of Europe',
			text: 'We study tram lines & their riders.',
			publishedAt: '2024-02-01T10:00:00Z',
		},
	],
	empty: atom(''),
	withUrl: entry,
	errors: [
		{
			answer: entry('http://arxiv.org/api/errors#incorrect', 'incorrect id format'),
			errorClass: 'validation',
		},
	],
};

const crossref = (items: unknown[]) => ({ status: 'ok', message: { items } });
const work = (url: string) => ({
	DOI: '10.5555/CR.1',
	URL: url,
	type: 'journal-article',
	title: ['Tram <i>lines</i>'],
	abstract: '<jats:p>Trams &amp; <jats:italic>buses</jats:italic>.</jats:p>',
	published: { 'date-parts': [[2023, 5]] },
});

const crossrefCase: EngineCase = {
	make: (http, origin) => crossrefEngine(http, { apiUrl: `${origin}/works` }),
	asks: { query: 'tram lines', rows: '3' },
	narrows: { filter: 'from-pub-date:2025-01-31,until-pub-date:2025-12-01' },
	answer: crossref([
		{ URL: 'https://doi.org/10.5555/1.f1', type: 'component', title: ['Figure 1'] },
		work('https://doi.org/10.5555/1'),
		{ URL: 'https://doi.org/10.5555/2', type: 'book', title: ['Trams'], published: null },
	]),
	hits: [
		{
			url: 'https://doi.org/10.5555/1',
			works: ['doi:10.5555/cr.1'],
			title: 'Tram lines',
			text: 'Trams & buses.',
			publishedAt: '2023-05',
		},
		{ url: 'https://doi.org/10.5555/2', works: [], title: 'Trams', text: '' },
	],
	empty: crossref([]),
	withUrl: (url) => crossref([work(url)]),
};

const ARTICLES = `<?xml version="1.0" ?><PubmedArticleSet><PubmedArticle><MedlineCitation>
<PMID Version="1">123</PMID><Article><ELocationID EIdType="pii">S1</ELocationID>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/pm.1</ELocationID><Journal><JournalIssue><PubDate><Year>2021</Year>
<Month>Mar</Month><Day>4</Day></PubDate></JournalIssue></Journal>
<ArticleTitle>Walking to the tram.</ArticleTitle><Abstract>
<AbstractText Label="METHODS">We counted <i>steps</i>.</AbstractText>
<AbstractText Label="RESULTS">More steps &gt; fewer.</AbstractText></Abstract></Article>
</MedlineCitation></PubmedArticle></PubmedArticleSet>`;

const pubMedCase: EngineCase = {
	make: (http, origin) => pubmedEngine(http, { apiUrl: origin }),
	asks: { db: 'pubmed', term: 'tram lines', retmax: '3', retmode: 'json' },
	narrows: { datetype: 'pdat', mindate: '2025/01/31', maxdate: '2025/12/01' },
	answer: (url: string) =>
		url.startsWith('/esearch') ? { esearchresult: { count: '1', idlist: ['123'] } } : ARTICLES,
	hits: [
		{
			url: 'https://pubmed.ncbi.nlm.nih.gov/123/',
			works: ['doi:10.5555/pm.1'],
			title: 'Walking to the tram.',
			text: 'We counted steps. More steps > fewer.',
			publishedAt: '2021-03-04',
		},
	],
	empty: { esearchresult: { count: '0', idlist: [] } },
	errors: [
		{
			answer: { esearchresult: { ERROR: 'Search Backend failed' } },
			errorClass: 'bad_output',
		},
		{
			answer: (url: string) =>
				url.startsWith('/esearch') ? { esearchresult: { idlist: ['1'] } } : '<html>busy</html>',
			errorClass: 'bad_output',
		},
	],
};

const paper = (url: string) => ({
	paperId: 'a1',
	url,
	title: 'Tram lines',
	abstract: 'Trams run on rails.',
	publicationDate: '2020-01-31',
	externalIds: { DOI: '10.5555/s2.1', ArXiv: '2001.00001', PubMed: '77', CorpusId: 5 },
});

const semanticScholarCase: EngineCase = {
	make: (http, origin) => semanticScholarEngine(http, { apiUrl: `${origin}/paper/search` }),
	asks: { query: 'tram lines', limit: '3' },
	narrows: { publicationDateOrYear: '2025-01-31:2025-12-01' },
	answer: {
		total: 2,
		data: [
			paper('https://www.semanticscholar.org/paper/a1'),
			{
				...paper('https://www.semanticscholar.org/paper/b2'),
				abstract: null,
				externalIds: null,
			},
		],
	},
	hits: [
		{
			url: 'https://www.semanticscholar.org/paper/a1',
			works: ['arxiv:2001.00001', 'doi:10.5555/s2.1', 'pmid:77'],
			title: 'Tram lines',
			text: 'Trams run on rails.',
			publishedAt: '2020-01-31',
		},
		{ url: 'https://www.semanticscholar.org/paper/b2', works: [], text: '' },
	],
	empty: { total: 0, offset: 0 },
	withUrl: (url) => ({ total: 1, data: [paper(url)] }),
};

const openAlexWork = (url: string | null) => ({
	id: url ?? 'https://openalex.org/W1',
	doi: url && 'https://doi.org/10.5555/OA.1',
	ids: { pmid: url && 'https://pubmed.ncbi.nlm.nih.gov/88' },
	title: 'Tram lines',
	publication_date: '2019-07-01',
	primary_location: { landing_page_url: url },
	abstract_inverted_index: { rails: [3], Trams: [0], run: [1], on: [2] },
});

const openAlexCase: EngineCase = {
	make: (http, origin) => openAlexEngine(http, { apiUrl: `${origin}/works` }),
	asks: { search: 'tram lines', 'per-page': '3' },
	narrows: {
		filter: 'from_publication_date:2025-01-31,to_publication_date:2025-12-01,language:de',
	},
	answer: { results: [openAlexWork('https://example.org/w1'), openAlexWork(null)] },
	hits: [
		{
			url: 'https://example.org/w1',
			works: ['doi:10.5555/oa.1', 'pmid:88'],
			title: 'Tram lines',
			text: 'Trams run on rails',
			publishedAt: '2019-07-01',
		},
		{ url: 'https://openalex.org/W1', works: [] },
	],
	empty: { meta: { count: 0 }, results: [] },
	withUrl: (url) => ({ results: [openAlexWork(url)] }),
};

export const scholarlyCases: Record<string, EngineCase> = {
	arXiv: arXivCase,
	Crossref: crossrefCase,
	PubMed: pubMedCase,
	'Semantic Scholar': semanticScholarCase,
	OpenAlex: openAlexCase,
};
