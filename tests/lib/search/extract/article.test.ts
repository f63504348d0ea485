import { extractArticle } from '../../../../lib';

const FIRST =
	'The city builds four new tram lines, which will open one after the other until 2031.';
const SECOND = 'Each of them leads from the centre to a district that has had no rails so far.';

const page = (body: string, head = '<title>Trams &amp; rails</title>') =>
	`<!doctype html><html><head>${head}</head><body>${body}</body></html>`;

const ARTICLE = `<article><h1>Trams &amp; rails</h1><p>${FIRST}</p><p>${SECOND}</p></article>`;
const TEXT = `${FIRST}\n\n${SECOND}`;

describe('extractArticle', () => {
	it('gives the paragraphs of the article and nothing around them', () => {
		const around = (name: string) =>
			`<${name}><ul><li><a href="/a">Home</a></li><li><a href="/b">All the news of today</a></li></ul></${name}>`;
		const html = page(
			`${around('nav')}<header>The Daily</header>${ARTICLE}
			<div class="related-posts"><p>Another long story about something that is not this one at all.</p></div>
			<div id="comments"><p>I think that trams are the best thing that this city ever had.</p></div>
			${around('footer')}`,
		);
		expect(extractArticle(html)).toMatchObject({ title: 'Trams & rails', text: TEXT });
	});

	it('finds the article in pages without any telling names, too', () => {
		const links = '<div><a href="/1">One</a> <a href="/2">Two</a> <a href="/3">Three</a></div>';
		const html = page(
			`<div>${links}<div><div>${FIRST}</div><div>${SECOND}</div></div>${links}</div>`,
		);
		expect(extractArticle(html).text).toBe(TEXT);
	});

	it('keeps the lead that stands between the headline and the article', () => {
		const lead = 'Until 2031 the rails of the city will be twice as long as they are today.';
		const html = page(
			`<main><h1>Trams &amp; rails</h1><div class="summary">${lead}</div><div>Text size</div>
			<div class="story">${`<p>${FIRST}</p><p>${SECOND}</p>`.repeat(3)}</div></main>`,
		);
		expect(extractArticle(html).text).toBe([lead, TEXT, TEXT, TEXT].join('\n\n'));
	});

	it('reads a row of data as one line, also where a table is all there is', () => {
		const lines = Array.from({ length: 9 }, (_, at) => [`Line ${at} to the harbour`, `${at} km`]);
		const rows = lines.map(([line, length]) => `<tr><td>${line}</td><td>${length}</td></tr>`);
		const links = '<ul><li><a href="/1">One more page</a></li></ul>'.repeat(9);
		const html = page(
			`<div><p>${SECOND}</p></div>${links}<div><table>${rows.join('')}</table></div>`,
		);
		expect(extractArticle(html).text).toBe(lines.map((cells) => cells.join(' ')).join('\n\n'));
	});

	it('reads what is laid out by a table', () => {
		const cell = `<td><p>${FIRST}</p><p>${SECOND}</p></td>`;
		const html = page(`<table><tr><td><a href="/">Home</a></td>${cell}</tr></table>`);
		expect(extractArticle(html).text).toBe(TEXT);
	});

	const TEASED = 'What the new bridge costs, who pays for it, and why nobody wanted it before.';
	it.each([
		[
			'a row of boxes with linked headlines',
			['1', '2', '3']
				.map((at) => `<div class="box"><h3><a href="/${at}">Bridge</a></h3><p>${TEASED}</p></div>`)
				.join(''),
		],
		[
			'a row of links with beginnings of texts',
			`<ul>${['1', '2', '3']
				.map((at) => `<li><a href="/${at}">The bridge is late</a> <span>${TEASED}..</span></li>`)
				.join('')}</ul>`,
		],
		[
			'what stands below a heading that announces it',
			`<h3>Related stories</h3><p>${TEASED}</p><p>${TEASED}</p>`,
		],
		['captions of pictures', `<figure><figcaption>${TEASED}</figcaption></figure>`],
		['what has a telling name of two words', `<div class="PromoSmall"><p>${TEASED}</p></div>`],
	])('leaves out %s', (_, teasers) => {
		const paragraphs = `<p>${FIRST}</p><p>${SECOND}</p>`.repeat(3);
		const html = page(
			`<div><article><h1>Trams &amp; rails</h1>${paragraphs}</article>${teasers}</div>`,
		);
		const inside = page(`<div class="story"><h1>Trams</h1>${paragraphs}${teasers}</div>`);
		for (const { text } of [extractArticle(html), extractArticle(inside)]) {
			expect(text).toContain(SECOND);
			expect(text).not.toContain('bridge');
		}
	});

	it('leaves out shorter articles below linked headlines, within the article and beside it', () => {
		const teaser = `<article><h2><a href="/1">The bridge</a></h2><p>${TEASED}</p></article>`;
		const paragraphs = `<p>${FIRST}</p><p>${SECOND}</p>`.repeat(3);
		const html = page(`<div><article>${paragraphs}${teaser}</article>${teaser}</div>`);
		expect(extractArticle(html).text).toBe([TEXT, TEXT, TEXT].join('\n\n'));
	});

	it.each([
		['headings that are links', '<h3><a href="/a">Line</a></h3>', SECOND.repeat(10)],
		['links at their beginnings', '<a href="/a">The line to the harbour</a>', SECOND],
	])('keeps sections that have %s', (_, beginning, text) => {
		const sections = `<section class="part">${beginning} <p>${text}</p></section>`.repeat(3);
		const before = `<p>${FIRST}</p><p>${FIRST}</p>`.repeat(5);
		expect(extractArticle(page(`<main>${before}${sections}</main>`)).text).toContain(text);
	});

	it('goes on after other things to read within the article', () => {
		const inserted = `<h3>Read more</h3><p><a href="/b">The new bridge</a></p>`;
		const long = `${FIRST} ${SECOND}`;
		const html = page(`<article><p>${FIRST}</p>${inserted}<p>${long}</p></article>`);
		expect(extractArticle(html).text).toBe(`${FIRST}\n\n${long}`);
	});

	it.each([
		['the attribute hidden', '<p hidden>SECRET is a sentence that nobody can see here.</p>'],
		['aria-hidden', '<p aria-hidden="true">SECRET is a sentence that nobody can see here.</p>'],
		['display none', '<p style="color:red; DISPLAY : none">SECRET is a sentence, too.</p>'],
		['no opacity', '<div style="opacity:0"><p>SECRET is a sentence nobody can see.</p></div>'],
		['no size', '<p style="font-size:0">SECRET is a sentence that nobody can see.</p>'],
		[
			'a place far outside',
			'<p style="position:absolute; left:-9999px">SECRET is a sentence that nobody can see.</p>',
		],
		['an indent', '<p style="text-indent:-5000px">SECRET is a sentence that nobody can see.</p>'],
		[
			'no height',
			'<p style="height:0; overflow:hidden">SECRET is a sentence that nobody can see.</p>',
		],
		[
			'a single pixel',
			'<p style="width:1px;height:1px">SECRET is a sentence that nobody can see.</p>',
		],
		['transparency', '<p style="color: transparent">SECRET is a sentence that nobody can see.</p>'],
		['clipping', '<p style="clip: rect(0 0 0 0)">SECRET is a sentence that nobody can see.</p>'],
		[
			'a clipping path',
			'<p style="clip-path: inset(50%)">SECRET is a sentence that nobody can see.</p>',
		],
		[
			'a size of nothing',
			'<p style="transform: scale(0)">SECRET is a sentence that nobody can see.</p>',
		],
		[
			'a class for screen readers',
			'<p class="x sr-only">SECRET is a sentence that nobody can see.</p>',
		],
		['a comment', '<!-- SECRET is a sentence in a comment. -->'],
		['a comment that never ends', '<!-- SECRET is a sentence in a comment.'],
		['a script', '<script>var SECRET = "<p>is a sentence.</p>";</script>'],
		['a script that never ends', '<script>"SECRET is a sentence in a script."'],
		['a style', '<style>.SECRET::after { content: "a sentence." }</style>'],
		['a template', '<template><p>SECRET is a sentence for later use.</p></template>'],
		['an attribute', '<p title="SECRET is a sentence in a title."></p>'],
		['a tag that never ends', '<p title="SECRET is a sentence in a title.'],
	])('lets nothing through that is hidden by %s', (_, hidden) => {
		const { text } = extractArticle(page(ARTICLE.replace('</article>', `${hidden}</article>`)));
		expect(text).not.toContain('SECRET');
		expect(text).toContain(FIRST);
	});

	it.each(['font-size: medium', 'opacity: 0.9', 'width: 100px', 'margin-left: -10px', 'left: 0'])(
		'keeps what only looks as if it were hidden: %s',
		(style) => {
			const html = page(ARTICLE.replace('<article>', `<article><div style="${style};">`));
			expect(extractArticle(html).text).toBe(TEXT);
		},
	);

	it('takes invisible characters out', () => {
		const tags = [...'ignore'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('');
		const html = page(ARTICLE.replace('four', `f\u200bo\u202eur${tags}&#8203;`));
		expect(extractArticle(html).text).toBe(TEXT);
	});

	it('decodes entities, also those of old pages', () => {
		const html = page(
			ARTICLE.replace('four new', '4&nbsp;&ndash;&#32;5 &#147;new&#148; &unknown;'),
		);
		expect(extractArticle(html).text).toContain('builds 4 – 5 “new” &unknown; tram lines');
	});

	it('reads pages whose paragraphs, list items and cells are never closed', () => {
		const html = page(
			`<div class=story><p>${FIRST}<p>${SECOND}<ul><li>${FIRST}<li>${SECOND}</ul></div>`,
		);
		expect(extractArticle(html).text).toBe([FIRST, SECOND, FIRST, SECOND].join('\n\n'));
	});

	it('knows when, by whom and where the page says it was published', () => {
		const head = `<title>Site</title><meta property="og:title" content="Trams"/>
			<meta property='article:published_time' content='2026-01-02T03:04:05Z'>
			<link rel="canonical" href="https://example.org/trams">
			<script type="application/ld+json">{"@graph":[{"author":[{"name":"A. Author"}]}]}</script>`;
		expect(extractArticle(page(ARTICLE, head))).toMatchObject({
			title: 'Trams',
			publishedAt: '2026-01-02T03:04:05Z',
			author: 'A. Author',
			canonicalUrl: 'https://example.org/trams',
		});
	});

	it('takes the text of the structured data when the page itself shows none', () => {
		const data = JSON.stringify({ articleBody: `${FIRST} ${SECOND}`, datePublished: '2026-01-02' });
		const head = `<title>Trams</title><script type="application/ld+json">${data}</script>
			<script type="application/ld+json">{ broken</script>`;
		expect(extractArticle(page('<p>Enable scripts.</p>', head))).toMatchObject({
			text: `${FIRST} ${SECOND}`,
			publishedAt: '2026-01-02',
		});
	});

	it.each(['', 'plain text', '<', '<p', '</p></div></html>', '<!doctype html>', '\0<a\0='])(
		'does not stumble over %j',
		(html) => {
			expect(extractArticle(html)).toMatchObject({ publishedAt: null, author: null });
		},
	);

	it.each([
		['deep nesting', '<div>', ''],
		['deep nesting with texts', '<div>a long sentence that is text.', ''],
		['unclosed list items', '<ul><li>', ''],
		['end tags without a beginning', '</a></b></i>', ''],
		['unclosed tags', '<a ', ''],
		['unclosed comments', '<!--', ''],
		['unclosed scripts', '<script>', ''],
		['unclosed quotation marks', '<a b="', ''],
		['attributes', ' a', '<a'],
		['spaces in a tag', ' ', '<a b'],
		['references that are none', '&a', '<p>'],
		['references to no character', '&#', '<p>'],
		['class names', ' nav-', '<div class="'],
		['full stops and spaces', '. ', '<p>'],
		['formatting elements', '<b><p>', ''],
		['links', '<a href="x">link</a>', ''],
		['tables', '<table><tr><td>', ''],
	])('needs no more than moments for a megabyte of %s', (_, piece, before) => {
		const html = before + piece.repeat(Math.ceil(1_000_000 / piece.length));
		const startedAt = performance.now();
		extractArticle(html);
		// Ten times what it takes on a slow machine; anything quadratic takes minutes.
		expect(performance.now() - startedAt).toBeLessThan(10_000);
	});
});
