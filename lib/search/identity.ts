import { canonicalUrl } from './canonicalUrl';

/** Works that have a number of their own, by the addresses under which they are found. */
const WORKS: ReadonlyArray<readonly [name: string, address: RegExp]> = [
	// arXiv gives its preprints DOIs as well; a version is the same work.
	[
		'arxiv',
		/^(?:export\.)?arxiv\.org\/(?:abs|pdf|html)\/((?:[a-z.-]+\/)?\d[\d.]*\d)(?:v\d+)?(?:\.pdf)?$/,
	],
	['arxiv', /^(?:dx\.)?doi\.org\/10\.48550\/arxiv\.((?:[a-z.-]+\/)?\d[\d.]*\d)(?:v\d+)?$/],
	[
		'arxiv',
		/^(?:ar5iv\.org|ar5iv\.labs\.arxiv\.org)\/(?:abs|html)\/((?:[a-z.-]+\/)?\d[\d.]*\d)(?:v\d+)?$/,
	],
	['pmid', /^pubmed\.ncbi\.nlm\.nih\.gov\/(\d+)$/],
	['pmid', /^ncbi\.nlm\.nih\.gov\/pubmed\/(\d+)$/],
	['pmid', /^europepmc\.org\/(?:article|abstract)\/med\/(\d+)$/],
	['doi', /^(?:dx\.)?doi\.org\/(10\.\d{4,9}\/.+)$/],
	[
		'doi',
		/\/(?:doi|article|articles|abs|full|pdf|epdf|book)\/(?:abs\/|full\/|pdf\/|epdf\/|abstract\/)?(10\.\d{4,9}\/[^?#]+)$/,
	],
];

/** Numbers of a work as engines give them: bare, or as an address; empty or left out when unknown. */
export interface WorkNumbers {
	doi?: string | null;
	arxiv?: string | null;
	pmid?: string | null;
}

/** What publishers put behind a DOI in their addresses. */
const DOI_TAIL = /\/(?:full|abstract|pdf|epdf|html|fulltext|summary|meta)$|\.(?:pdf|html?)$/;

/**
 * One name for all addresses of the same work: its DOI, arXiv number or PubMed number where the
 * address has one, else the canonical form of the address.
 *
 * @returns `undefined` for anything but an http or https address
 */
export function identityOf(address: string): string | undefined {
	const canonical = canonicalUrl(address);
	const lower = decoded(canonical?.toLowerCase() ?? '');
	for (const [name, pattern] of WORKS) {
		const number = pattern.exec(lower)?.[1];
		if (number !== undefined) return `${name}:${number.replace(DOI_TAIL, '')}`;
	}
	return canonical;
}

/**
 * The names of a work by the numbers that an engine gives it, the same as {@link identityOf} has
 * for its addresses.
 */
export function worksNamed({ doi, arxiv, pmid }: WorkNumbers): string[] {
	const addresses = [
		arxiv && `https://arxiv.org/abs/${arxiv}`,
		doi && `https://doi.org/${doi.replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:)/i, '')}`,
		pmid && `https://pubmed.ncbi.nlm.nih.gov/${/\d+/.exec(pmid)?.[0]}`,
	];
	return addresses.flatMap((address) => (address && identityOf(address)) || []);
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		// A lone "%": as it stands it is as good a name.
		return text;
	}
}
