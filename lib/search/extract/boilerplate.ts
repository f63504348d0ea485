import type { HtmlElement } from './tree';

/** Elements whose content is never part of a text. */
const SKIPPED = new Set(
	(
		'script style noscript template svg math iframe object embed canvas select option textarea button ' +
		'input dialog audio video map head'
	).split(' '),
);

/** Words of class names and ids that stand for something beside the article. */
const ASIDE_WORD = new RegExp(
	'(^|[\\s_-])(' +
		'comments?|combx|disqus|foot|footer|footnote|masthead|meta|promo|related|relat|scroll|shoutbox|' +
		'sidebar|side-bar|sponsor|shopping|tags?|taglist|widget|share|sharing|social|nav|navbar|navigation|' +
		'menu|breadcrumbs?|cookie|consent|gdpr|newsletter|subscribe|subscription|signup|banner|advert|' +
		'advertisement|ads?|adsense|outbrain|taboola|popup|modal|overlay|login|register|recommend|' +
		'recommended|more-stories|read-?more|readmore|teaser|pagination|pager|author-?(bio|box|info)|byline|' +
		'toolbar|print|hidden|skip|toc|copyright|legal|disclaimer|rating|feedback|trending|popular|' +
		'most-read|latest|playlist|gallery-nav|caption|credit' +
		')([\\s_-]|$)',
	'i',
);

/** The same within longer names, such as "articleSidebarBox". */
const ASIDE_PART =
	/comment-|comments|sidebar|related[-_]|share[-_]|social[-_]|cookie|newsletter|footer|navigation|breadcrumb|advert|sponsor|recommend|outbrain|taboola/i;

const ARTICLE_NAME =
	/(^|[\s_-])(article|post|entry|story|main)[-_]?(body|content|text)?([\s_-]|$)/i;

/** Where a word begins in a name such as "promoSmall". */
const INNER_CAPITAL = /([a-z])([A-Z])/g;

const ASIDE_ROLE = /navigation|complementary|contentinfo|banner|search|menu|dialog|alert/;

/** Ways in which a `style` attribute hides: not shown, transparent, without size, or far outside. */
const HIDDEN_STYLE = new RegExp(
	[
		'display\\s*:\\s*none',
		'visibility\\s*:\\s*(hidden|collapse)',
		'content-visibility\\s*:\\s*hidden',
		'opacity\\s*:\\s*0+(\\.0*)?%?\\s*(;|!|$)',
		'font-size\\s*:\\s*0+(\\.0*)?[a-z%]*\\s*(;|!|$)',
		'(^|[\\s;])color\\s*:\\s*transparent',
		'(^|[\\s;])(max-)?(width|height)\\s*:\\s*(0+(px|em|rem|%)?|1px)\\s*(;|!|$)',
		'(left|right|top|bottom|text-indent|margin-left|margin-top)\\s*:\\s*-\\d{3,}',
		'clip\\s*:\\s*rect\\(\\s*(0|1px)',
		'clip-path\\s*:\\s*(inset\\(\\s*(50|100)%|circle\\(\\s*0)',
		'transform\\s*:[^;]*scale[xy]?\\(\\s*0\\s*[,)]',
	].join('|'),
	'i',
);

/** Class names by which style sheets everywhere hide text from the eye. */
const HIDDEN_CLASS =
	/(^|\s)(sr-only|visually-?hidden|screen-reader(-text|-only)?|a11y-hidden)(\s|$)/i;

/** Class and id of an element, by which authors say what it is. */
export function namesOf({ attributes }: HtmlElement): string {
	return `${attributes.get('class') ?? ''} ${attributes.get('id') ?? ''}`.trim();
}

/** Whether an element is never part of a text: scripts, controls, pictures. */
export function isSkipped({ name }: HtmlElement): boolean {
	return SKIPPED.has(name);
}

/** Whether a page says that readers do not see an element. */
export function isHidden({ attributes }: HtmlElement): boolean {
	if (attributes.has('hidden') || attributes.get('aria-hidden') === 'true') return true;
	if (HIDDEN_CLASS.test(attributes.get('class') ?? '')) return true;
	return HIDDEN_STYLE.test(attributes.get('style') ?? '');
}

/**
 * Whether an element looks like something beside the article: navigation, captions, comments,
 * adverts.
 *
 * @param chars - length of its text
 * @param share - of the whole page's text, 0 to 1: nothing that has most of it is beside it
 */
export function isAside(element: HtmlElement, chars: number, share: number): boolean {
	const { name, attributes } = element;
	if (['nav', 'footer', 'figcaption'].includes(name)) return true;
	if (share > 0.55) return false;
	if (name === 'aside' || ASIDE_ROLE.test(attributes.get('role') ?? '')) return true;
	if (['html', 'body', 'article', 'main'].includes(name)) return false;
	const names = namesOf(element).replace(INNER_CAPITAL, '$1-$2');
	if (!ASIDE_WORD.test(names) && !ASIDE_PART.test(names)) return false;
	return !(ARTICLE_NAME.test(names) && chars > 300);
}
