import { canonicalUrl } from '../../../lib';

describe('canonicalUrl', () => {
	it('is the same for all addresses of a page', () => {
		const forms = [
			'https://www.example.org/a/b/?x=1&y=2',
			'http://example.org/a/b?y=2&x=1#part',
			'https://m.example.org:443/a/b/index.html?utm_source=mail&x=1&y=2&fbclid=9',
		];
		expect(new Set(forms.map(canonicalUrl))).toEqual(new Set(['example.org/a/b?x=1&y=2']));
	});

	it('is the same for the mobile form of a wiki', () => {
		const [desktop, mobile] = ['en', 'en.m'].map(
			(host) => `https://${host}.wikipedia.org/wiki/Tram`,
		);
		expect(canonicalUrl(mobile!)).toBe(canonicalUrl(desktop!));
	});

	it('keeps what tells pages apart', () => {
		const pages = [
			'https://example.org/watch?v=1',
			'https://example.org/watch?v=2',
			'https://example.org:8080/watch?v=1',
			'https://example.org/#!/one',
			'https://example.org/#!/two',
		];
		expect(new Set(pages.map(canonicalUrl)).size).toBe(pages.length);
	});

	it('has no form for what is not a page on the web', () => {
		expect(['mailto:a@example.org', 'not a url', 'file:///etc/hosts'].map(canonicalUrl)).toEqual([
			undefined,
			undefined,
			undefined,
		]);
	});
});
