/**
 * Writes `lib/search/wordFrequencies.ts`: how usual English words are, counted over the definitions
 * and examples of WordNet. Give it the folder with WordNet's `data.noun`, `data.verb`, `data.adj`
 * and `data.adv`, as Debian's package wordnet-base or Princeton's archive has it:
 *
 *     node scripts/word-frequencies.mjs /usr/share/wordnet
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at } from './support/paths.mjs';
import { fail } from './support/progress.mjs';

/** Words in fewer definitions are all equally rare. */
const MIN_DEFINITIONS = 8;

/** The definitions and examples of one file, each with the words it defines. */
function definitionsIn(file) {
	return readFileSync(file, 'utf8')
		.split('\n')
		.filter((line) => /^\d/.test(line) && line.includes(' | '))
		.map((line) => {
			const [fields, definition] = line.split(' | ');
			const words = fields.split(' ').filter((field) => /^[a-zA-Z_]{3,}$/.test(field));
			return `${words.join(' ').replaceAll('_', ' ')} ${definition}`;
		});
}

/** In how many of the texts each stem occurs. */
function documentFrequencies(texts, stem) {
	const counts = new Map();
	for (const text of texts) {
		const words = text.toLowerCase().match(/[a-z]{2,19}/g) ?? [];
		for (const term of new Set(words.map(stem))) counts.set(term, (counts.get(term) ?? 0) + 1);
	}
	return counts;
}

/** Stems by how usual they are: half steps of the logarithm of their counts, to base 2. */
function classesOf(counts) {
	const classes = new Map();
	for (const [term, count] of [...counts].sort()) {
		if (count < MIN_DEFINITIONS) continue;
		const level = Math.round(2 * Math.log2(count));
		classes.set(level, [...(classes.get(level) ?? []), term]);
	}
	return [...classes].sort(([a], [b]) => a - b);
}

const fileOf = (definitions, classes) => `/**
 * How usual English words are. Made by scripts/word-frequencies.mjs from WordNet 3.0: counts of
 * stems in its ${definitions} definitions, none of its text.
 *
 * WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. Permission to use, copy,
 * modify and distribute this software and database and its documentation for any purpose and
 * without fee or royalty is hereby granted, provided that you agree to comply with the following
 * copyright notice and statements, including the disclaimer, and that the same appear on ALL copies
 * of the software, database and documentation, including modifications that you make for internal
 * use or for distribution. THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY
 * MAKES NO REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. BY WAY OF EXAMPLE, BUT NOT LIMITATION,
 * PRINCETON UNIVERSITY MAKES NO REPRESENTATIONS OR WARRANTIES OF MERCHANTABILITY OR FITNESS FOR ANY
 * PARTICULAR PURPOSE OR THAT THE USE OF THE LICENSED SOFTWARE, DATABASE OR DOCUMENTATION WILL NOT
 * INFRINGE ANY THIRD PARTY PATENTS, COPYRIGHTS, TRADEMARKS OR OTHER RIGHTS. The name of Princeton
 * University or Princeton may not be used in advertising or publicity pertaining to distribution of
 * the software and/or database. Title to copyright in this software, database and any associated
 * documentation shall at all times remain with Princeton University and LICENSEE agrees to preserve
 * same.
 */

/** How many definitions were counted. */
export const DEFINITIONS = ${definitions};

/** Stems by level: each is in about 2 to the power of level / 2 definitions. */
export const STEMS_BY_LEVEL: Readonly<Record<number, string>> = {
${classes.map(([level, terms]) => `\t${level}: '${terms.join(' ')}',`).join('\n')}
};
`;

async function main([folder]) {
	if (folder === undefined) throw new Error('Say where the data files of WordNet are.');
	const { stem } = await import('../lib/search/stem.ts');
	const texts = ['noun', 'verb', 'adj', 'adv'].flatMap((kind) =>
		definitionsIn(path.join(folder, `data.${kind}`)),
	);
	const classes = classesOf(documentFrequencies(texts, stem));
	writeFileSync(at('lib/search/wordFrequencies.ts'), fileOf(texts.length, classes));
}

await main(process.argv.slice(2)).catch(fail);
