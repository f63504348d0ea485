/**
 * The Porter stemmer: "connected", "connecting" and "connection" become "connect".
 *
 * @see M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980; the step numbers
 * below are the paper's
 */
export function stem(word: string): string {
	const known = stems.get(word);
	if (known !== undefined) return known;
	if (stems.size >= MAX_KNOWN) stems.clear();
	const found = porterStem(word);
	stems.set(word, found);
	return found;
}

/** Stems found before: texts repeat their words. */
const stems = new Map<string, string>();
const MAX_KNOWN = 50_000;

function porterStem(word: string): string {
	if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
	// A "y" at the start is a consonant; upper case keeps it out of the vowel classes.
	let stemmed = word.startsWith('y') ? `Y${word.slice(1)}` : word;
	for (const step of [plural, pastAndGerund, finalY, doubleSuffix, singleSuffix, lastSuffix]) {
		stemmed = step(stemmed);
	}
	return tidyEnd(stemmed).toLowerCase();
}

const CONSONANTS = '[^aeiou]';
const VOWEL = '[aeiouy]';
const C = `${CONSONANTS}[^aeiouy]*`;
const V = `${VOWEL}[aeiou]*`;

/** The measure m of a stem: how many vowel-consonant sequences it has. */
const AT_LEAST_ONE = new RegExp(`^(${C})?${V}${C}`);
const EXACTLY_ONE = new RegExp(`^(${C})?${V}${C}(${V})?$`);
const MORE_THAN_ONE = new RegExp(`^(${C})?${V}${C}${V}${C}`);
const HAS_VOWEL = new RegExp(`^(${C})?${VOWEL}`);
const DOUBLE_CONSONANT = /([^aeiouylsz])\1$/;
/** Ends consonant-vowel-consonant, the last not w, x or y: "hop", but not "snow". */
const SHORT_END = new RegExp(`^${C}${VOWEL}[^aeiouwxy]$`);

/** Step 1a. */
function plural(word: string): string {
	if (/(ss|i)es$/.test(word)) return word.slice(0, -2);
	return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Step 1b. */
function pastAndGerund(word: string): string {
	if (word.endsWith('eed')) return AT_LEAST_ONE.test(word.slice(0, -3)) ? word.slice(0, -1) : word;
	const match = /^(.+?)(ed|ing)$/.exec(word);
	if (match === null || !HAS_VOWEL.test(match[1]!)) return word;
	const base = match[1]!;
	if (/(at|bl|iz)$/.test(base)) return `${base}e`;
	if (DOUBLE_CONSONANT.test(base)) return base.slice(0, -1);
	return SHORT_END.test(base) ? `${base}e` : base;
}

/** Step 1c. */
function finalY(word: string): string {
	const base = word.slice(0, -1);
	return word.endsWith('y') && HAS_VOWEL.test(base) ? `${base}i` : word;
}

const STEP_2: Readonly<Record<string, string>> = {
	ational: 'ate',
	tional: 'tion',
	enci: 'ence',
	anci: 'ance',
	izer: 'ize',
	bli: 'ble',
	alli: 'al',
	entli: 'ent',
	eli: 'e',
	ousli: 'ous',
	ization: 'ize',
	ation: 'ate',
	ator: 'ate',
	alism: 'al',
	iveness: 'ive',
	fulness: 'ful',
	ousness: 'ous',
	aliti: 'al',
	iviti: 'ive',
	biliti: 'ble',
	logi: 'log',
};

const STEP_3: Readonly<Record<string, string>> = {
	icate: 'ic',
	ative: '',
	alize: 'al',
	iciti: 'ic',
	ical: 'ic',
	ful: '',
	ness: '',
};

function replacer(table: Readonly<Record<string, string>>): (word: string) => string {
	const suffixes = Object.keys(table).sort((a, b) => b.length - a.length);
	return (word) => {
		const suffix = suffixes.find((candidate) => word.endsWith(candidate));
		if (suffix === undefined) return word;
		const base = word.slice(0, -suffix.length);
		return AT_LEAST_ONE.test(base) ? base + table[suffix]! : word;
	};
}

const doubleSuffix = replacer(STEP_2);
const singleSuffix = replacer(STEP_3);

const STEP_4 =
	/^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$/;

/** Step 4. */
function lastSuffix(word: string): string {
	const match = STEP_4.exec(word);
	if (match !== null) return MORE_THAN_ONE.test(match[1]!) ? match[1]! : word;
	const ion = /^(.+?[st])ion$/.exec(word);
	return ion !== null && MORE_THAN_ONE.test(ion[1]!) ? ion[1]! : word;
}

/** Step 5. */
function tidyEnd(word: string): string {
	let tidy = word;
	if (tidy.endsWith('e')) {
		const base = tidy.slice(0, -1);
		const short = EXACTLY_ONE.test(base) && !SHORT_END.test(base);
		if (MORE_THAN_ONE.test(base) || short) tidy = base;
	}
	return tidy.endsWith('ll') && MORE_THAN_ONE.test(tidy) ? tidy.slice(0, -1) : tidy;
}
