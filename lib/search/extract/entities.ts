/** Names of the characters 160 to 255, in their order. */
const LATIN =
	'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 ' +
	'sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc ' +
	'Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve ' +
	'Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute ' +
	'acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ' +
	'ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';

/** Greek capitals from 913 (one place is empty) and small letters from 945. */
const GREEK =
	'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf ' +
	'sigma tau upsilon phi chi psi omega';

const OTHERS: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
	OElig: 'Œ',
	oelig: 'œ',
	Scaron: 'Š',
	scaron: 'š',
	Yuml: 'Ÿ',
	fnof: 'ƒ',
	circ: 'ˆ',
	tilde: '˜',
	ensp: ' ',
	emsp: ' ',
	thinsp: ' ',
	ndash: '–',
	mdash: '—',
	horbar: '―',
	lsquo: '‘',
	rsquo: '’',
	sbquo: '‚',
	ldquo: '“',
	rdquo: '”',
	bdquo: '„',
	dagger: '†',
	Dagger: '‡',
	bull: '•',
	hellip: '…',
	permil: '‰',
	prime: '′',
	Prime: '″',
	lsaquo: '‹',
	rsaquo: '›',
	euro: '€',
	trade: '™',
	larr: '←',
	uarr: '↑',
	rarr: '→',
	darr: '↓',
	harr: '↔',
	rArr: '⇒',
	hArr: '⇔',
	forall: '∀',
	part: '∂',
	exist: '∃',
	empty: '∅',
	isin: '∈',
	prod: '∏',
	sum: '∑',
	minus: '−',
	radic: '√',
	infin: '∞',
	cap: '∩',
	cup: '∪',
	int: '∫',
	asymp: '≈',
	ne: '≠',
	equiv: '≡',
	le: '≤',
	ge: '≥',
	sub: '⊂',
	sup: '⊃',
	hyphen: '‐',
	num: '#',
	comma: ',',
	period: '.',
	colon: ':',
	lpar: '(',
	rpar: ')',
	excl: '!',
	quest: '?',
	sol: '/',
};

const NAMED = new Map<string, string>(Object.entries(OTHERS));
LATIN.split(' ').forEach((name, index) => NAMED.set(name, String.fromCharCode(160 + index)));
GREEK.split(' ').forEach((name, index) => {
	NAMED.set(name, String.fromCharCode(945 + index));
	const capital = name[0]!.toUpperCase() + name.slice(1);
	NAMED.set(capital, String.fromCharCode(913 + index));
});

/** What browsers make of the numbers 128 to 159: Windows-1252, as the pages that use them meant. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const REFERENCE = /&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-zA-Z][a-zA-Z0-9]{1,9}));?/g;

/** A text with its character references (`&amp;`, `&#8217;`, `&#x2019;`) as characters. */
export function decodeEntities(text: string): string {
	if (!text.includes('&')) return text;
	return text.replace(REFERENCE, (whole, hex?: string, decimal?: string, name?: string) => {
		if (name !== undefined) return NAMED.get(name) ?? whole;
		return characterOf(hex === undefined ? Number(decimal) : parseInt(hex, 16));
	});
}

function characterOf(code: number): string {
	if (code >= 128 && code <= 159) return WINDOWS[code - 128]!;
	const isText = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
	return isText ? String.fromCodePoint(code) : '\ufffd';
}
