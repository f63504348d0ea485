import fc from 'fast-check';

import { identityOf } from '../../../lib/search/identity';

describe('identityOf', () => {
	it.each([
		[
			'arxiv:1706.03762',
			[
				'https://arxiv.org/abs/1706.03762',
				'http://www.arxiv.org/pdf/1706.03762v5.pdf',
				'https://export.arxiv.org/abs/1706.03762v1',
				'https://arxiv.org/html/1706.03762v7',
				'https://doi.org/10.48550/arXiv.1706.03762',
			],
		],
		[
			'arxiv:cs/0112017',
			['https://arxiv.org/abs/cs/0112017', 'https://arxiv.org/pdf/cs/0112017v1'],
		],
		[
			'doi:10.1038/s41586-020-2649-2',
			[
				'https://doi.org/10.1038/s41586-020-2649-2',
				'http://dx.doi.org/10.1038/S41586-020-2649-2',
				'https://publisher.example/doi/full/10.1038/s41586-020-2649-2',
				'https://publisher.example/doi/10.1038%2Fs41586-020-2649-2?utm_source=x',
				'https://journal.example/articles/10.1038/s41586-020-2649-2/full',
			],
		],
		[
			'pmid:12345678',
			['https://pubmed.ncbi.nlm.nih.gov/12345678/', 'https://www.ncbi.nlm.nih.gov/pubmed/12345678'],
		],
	])('is %s for every address of the work', (identity, addresses) => {
		expect(addresses.map(identityOf)).toEqual(addresses.map(() => identity));
	});

	it('tells works apart', () => {
		const addresses = [
			'https://arxiv.org/abs/1706.03762',
			'https://arxiv.org/abs/1706.03763',
			'https://doi.org/10.1000/1',
			'https://doi.org/10.1000/2',
			'https://example.org/10.1000/1',
		];
		expect(new Set(addresses.map(identityOf)).size).toBe(addresses.length);
	});

	it('is the canonical address of any other page, and nothing for what is none', () => {
		expect(identityOf('https://www.example.org/a/?utm_source=x')).toBe('example.org/a');
		expect(identityOf('https://example.org/100%')).toBe('example.org/100%');
		expect(identityOf('mailto:a@example.org')).toBeUndefined();
	});

	it('never throws', () => {
		fc.assert(fc.property(fc.webUrl(), (url) => typeof identityOf(url) === 'string'));
	});
});
