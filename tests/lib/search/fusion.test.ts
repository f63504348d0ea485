import fc from 'fast-check';

import { fuse } from '../../../lib/search/fusion';
import type { HitList } from '../../../lib/search/fusion';
import { hit } from './fakeEngines';

const list = (engine: string, ...hits: HitList['hits'][number][]): HitList => ({
	engine,
	weight: 1,
	hits,
});

describe('fuse', () => {
	it('keeps what every engine says of a page, once, with a mark where something is left out', () => {
		const url = 'https://example.org/trams';
		const [fused, ...others] = fuse('tram lines', [
			list('A', hit(url, { snippet: 'Four tram lines are built. They open in 2031.' })),
			list('B', hit(`${url}?utm_source=b`, { snippet: 'Each line costs 500 million.' })),
			list('C', hit(url, { snippet: 'They open in 2031. Buses will go as well.' })),
		]);
		expect(others).toEqual([]);
		expect(fused).toMatchObject({
			engines: ['A', 'B', 'C'],
			snippet: 'Four tram lines are built. They open in 2031.',
			text: [
				'Four tram lines are built. They open in 2031.',
				'Each line costs 500 million.',
				'Buses will go as well.',
			].join('\n\n[…]\n\n'),
		});
	});

	it('does not repeat a snippet that stands in the text of another engine', () => {
		const url = 'https://example.org/trams';
		const text = 'Four tram lines are built. They open in 2031. Each line costs 500 million.';
		for (const lists of [
			[list('A', hit(url, { text })), list('B', hit(url, { snippet: 'They open in 2031.' }))],
			[list('B', hit(url, { snippet: 'They open in 2031.' })), list('A', hit(url, { text }))],
		]) {
			expect(fuse('tram', lists)).toMatchObject([{ text }]);
		}
	});

	it('takes hits for one work by the numbers that engines give, whatever their addresses', () => {
		const fused = fuse('tram', [
			list('Scholar', hit('https://scholar.example/a1', { works: ['doi:10.1000/a', 'pmid:7'] })),
			list('Journal', hit('https://journal.example/77', { works: ['doi:10.1000/a'] })),
			list('Medical', hit('https://pubmed.ncbi.nlm.nih.gov/7/')),
			list('Other', hit('https://journal.example/78', { works: ['doi:10.1000/b'] })),
		]);
		expect(fused.map(({ engines }) => engines)).toEqual([
			['Scholar', 'Journal', 'Medical'],
			['Other'],
		]);
	});

	it('brings together what was apart until a hit names both', () => {
		const preprint = hit('https://arxiv.org/abs/2001.00001v2', { publishedAt: null });
		const article = hit('https://doi.org/10.1000/a', { publishedAt: '2020-01-02' });
		const both = hit('https://scholar.example/a1', {
			works: ['arxiv:2001.00001', 'doi:10.1000/a'],
		});
		const [fused, ...others] = fuse('tram', [
			list('A', preprint),
			list('B', article),
			list('C', both),
			list('D', hit('http://dx.doi.org/10.1000/A')),
		]);
		expect(others).toEqual([]);
		expect(fused).toMatchObject({
			url: 'https://arxiv.org/abs/2001.00001v2',
			engines: ['A', 'B', 'C', 'D'],
			publishedAt: '2020-01-02',
		});
	});

	it('lets the fourth and further hits of a host make room for other hosts', () => {
		const text = (at: number) => `The city builds tram line ${at} to part ${at} of the town.`;
		const crowd = Array.from({ length: 6 }, (_, at) =>
			hit(`https://crowd.example/${at}`, { snippet: text(at) }),
		);
		const lone = hit('https://lone.example/', { snippet: text(9) });
		const hosts = fuse('city tram line', [list('A', ...crowd, lone)]).map(
			({ url }) => new URL(url!).hostname,
		);
		expect(hosts.slice(0, 3)).toEqual(Array(3).fill('crowd.example'));
		expect(hosts.indexOf('lone.example')).toBeLessThan(6);
	});

	it('loses no engine and no address, and puts nothing out twice, however names overlap', () => {
		const names = fc.subarray(['doi:10.1000/a', 'doi:10.1000/b', 'pmid:1', 'arxiv:1']);
		const hits = fc.array(fc.record({ page: fc.nat(6), works: names }), { maxLength: 12 });
		fc.assert(
			fc.property(hits, (all) => {
				const fused = fuse(
					'tram',
					all.map(({ page, works }, at) =>
						list(`engine ${at}`, hit(`https://example.org/${page}`, { works })),
					),
				);
				const engines = fused.flatMap((each) => each.engines);
				expect([...engines].sort()).toEqual(all.map((_, at) => `engine ${at}`).sort());
				expect(new Set(fused.map(({ url }) => url)).size).toBe(fused.length);
			}),
		);
	});
});
