import fc from 'fast-check';

import { hasHidden, html, link, plain, safeLink } from '../../../lib/page';
import { jsonView } from '../../../lib/human/page/jsonView';
import { markdown } from '../../../lib/human/page/markdown';
import { tagsIn, unescaped } from '../human/pages';

const anyText = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 60 }),
	fc
		.array(
			fc.constantFrom(
				'<',
				'>',
				'"',
				"'",
				'`',
				'&',
				'=',
				'/',
				'-->',
				'script',
				'onload=',
				'\u202e',
				'\0',
				' ',
			),
			{ maxLength: 20 },
		)
		.map((pieces) => pieces.join('')),
);

const words = { more: 'more', yes: 'yes', no: 'no', nothing: 'nothing' };

describe('html', () => {
	it('lets no text become a tag or leave its attribute, and loses none of it', () => {
		fc.assert(
			fc.property(anyText, (text) => {
				const { text: markup } = html`<p title="${text}">${plain(text)}</p>`;
				const [open, close] = tagsIn(markup);
				expect(tagsIn(markup)).toHaveLength(2);
				expect(close).toBe('</p>');
				const title = /^<p title="([^"]*)">$/.exec(open!)![1]!;
				expect(unescaped(title)).toBe(text.replaceAll('\0', '\ufffd'));
			}),
			{ numRuns: 2000 },
		);
	});

	it('escapes in every later value of an attribute, too', () => {
		expect(html`<a href="/x?${'"'}&y=${'"'}">${'"'}</a>`.text).toBe(
			'<a href="/x?&quot;&y=&quot;">&quot;</a>',
		);
	});

	it('shows characters that nobody sees by their names, in text', () => {
		expect(html`<p>${'a\u202eb\u200bc\u{e0041}'}</p>`.text).toBe(
			'<p>a<span class="hidden-character">U+202E</span>b' +
				'<span class="hidden-character">U+200B</span>c' +
				'<span class="hidden-character">U+E0041</span></p>',
		);
	});

	it('leaves the joiners of Persian and emoji, tabs and line ends alone', () => {
		expect(hasHidden('می\u200cخواهم 👩\u200d🔬\t\r\n')).toBe(false);
		expect(hasHidden('pay \u2066now\u2069')).toBe(true);
	});

	it('leaves out what is not there', () => {
		expect(html`<p>${null}${undefined}${false}${0}${['a', ['b']]}</p>`.text).toBe('<p>0ab</p>');
	});
});

describe('safeLink', () => {
	it.each([
		'javascript:alert(1)',
		'JaVaScRiPt:alert(1)',
		'java\nscript:alert(1)',
		' \u0001javascript:alert(1)',
		'data:text/html,x',
		'vbscript:x',
		'file:///etc/hosts',
		'blob:https://example.org/x',
		'//example.org',
		'/relative',
		'',
	])('refuses %j', (address) => {
		expect(safeLink(address)).toBeUndefined();
		expect(link(address, 'text').text).toBe('text');
	});

	it('takes addresses of the web and of mailboxes', () => {
		expect(safeLink('https://example.org/a"b')).toBe('https://example.org/a%22b');
		expect(safeLink('mailto:a@example.org')).toBe('mailto:a@example.org');
	});
});

/** Everything that Markdown may become. */
const ALLOWED =
	/^<\/?(h[2-6]|p|ul|ol|li|blockquote|pre( tabindex="0")?|code|strong|em|br \/|hr \/|span( class="(host|hidden-character)")?|a( href="(https?|mailto):[^"<>]*" target="_blank" rel="noopener noreferrer nofollow")?)>$/;

describe('markdown', () => {
	it('writes the usual forms', () => {
		const source =
			'# Title\n\nOne **bold** and *light* `code`.\nNext\n\n- a\n- b\n\n1. c\n\n> quoted\n\n```\n<x>\n```\n---\n';
		expect(markdown(source).text.replace(/\n\t+/g, '')).toBe(
			'<h3>Title</h3><p>One <strong>bold</strong> and <em>light</em> <code>code</code>.<br />Next</p>' +
				'<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol><blockquote><p>quoted</p></blockquote>' +
				'<pre tabindex="0"><code>&lt;x&gt;</code></pre><hr />',
		);
	});

	it('says where a link leads when its words do not', () => {
		const { text } = markdown('[Your bank](https://evil.example/x) and https://example.org.');
		expect(text).toContain('Your bank</a> <span class="host">(evil.example)</span>');
		expect(text).toContain('>https://example.org</a>.');
	});

	it('loads no images', () => {
		expect(markdown('![x](https://example.org/x.png)').text).not.toContain('<img');
	});

	it('writes nothing but the allowed tags, whatever the source', () => {
		const piece = fc.oneof(
			anyText,
			fc.constantFrom(
				'\n',
				'**',
				'*',
				'_',
				'`',
				'```',
				'[',
				'](',
				')',
				'https://a.b/',
				'> ',
				'- ',
				'# ',
			),
			fc.constantFrom(
				'[x](javascript:alert(1))',
				'[x](https://a.b/"onclick=x)',
				'<https://a.b/"x>',
			),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
				for (const tag of tagsIn(markdown(pieces.join('')).text)) expect(tag).toMatch(ALLOWED);
			}),
			{ numRuns: 2000 },
		);
	});

	it.each(['*', '_', '`', '[', '> ', '**a', '[a](', '<https://', '- ', '#'])(
		'takes time in proportion to the length of %j, many times over',
		(piece) => {
			const time = (count: number) => {
				const source = piece.repeat(count);
				const start = performance.now();
				markdown(source);
				return performance.now() - start;
			};
			time(2000);
			expect(time(40_000)).toBeLessThan(2000);
		},
	);
});

describe('jsonView', () => {
	it('writes balanced tags of its own for any data', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
				const tags = tagsIn(jsonView(JSON.parse(JSON.stringify(value)), words).text);
				const open: string[] = [];
				for (const tag of tags) {
					const name = /^<\/?([a-z]+)/.exec(tag)![1]!;
					expect([
						'dl',
						'div',
						'dt',
						'dd',
						'ol',
						'li',
						'span',
						'a',
						'table',
						'thead',
						'tbody',
						'tr',
						'th',
						'td',
					]).toContain(name);
					if (tag.startsWith('</')) expect(open.pop()).toBe(name);
					else open.push(name);
				}
				expect(open).toEqual([]);
			}),
			{ numRuns: 500 },
		);
	});

	it('shows lists of like objects as a table and addresses as links', () => {
		const { text } = jsonView(
			[
				{ n: 1, url: 'https://example.org/a' },
				{ n: 2, url: 'javascript:alert(1)' },
			],
			words,
		);
		expect(text).toContain('<th scope="col">url</th>');
		expect(text).toContain('href="https://example.org/a"');
		expect(text).not.toContain('href="javascript');
	});

	it('ends with a note when there is too much to show', () => {
		const { text } = jsonView(
			Array.from({ length: 5000 }, (_, index) => [index]),
			words,
		);
		expect(text).toContain('more');
		expect(text.length).toBeLessThan(400_000);
	});
});
