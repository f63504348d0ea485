/** What became of the mutants of a folder, in words and figures. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { at } from '../support/paths.mjs';

const WIDTH = 90;

/** Detected and undetected mutants; those that change only constants of a file do not count. */
export function scoreOf({ Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0 }) {
	const detected = Killed + Timeout;
	const valid = detected + Survived + NoCoverage;
	return {
		score: valid === 0 ? 100 : Number(((100 * detected) / valid).toFixed(2)),
		detected,
		valid,
	};
}

/** @returns how often each status occurs, e.g. `{ Killed: 210, Survived: 9 }` */
export function countStatuses(mutants, statuses) {
	const counts = {};
	for (const { id } of mutants) counts[statuses.get(id)] = (counts[statuses.get(id)] ?? 0) + 1;
	return counts;
}

/** One line a file, worst first. */
export function table(mutants, statuses) {
	const files = new Set(mutants.map(({ fileName }) => fileName));
	return [...files]
		.map((name) => ({ name, own: mutants.filter(({ fileName }) => fileName === name) }))
		.map(({ name, own }) => ({
			file: path.relative(at(), name),
			counts: countStatuses(own, statuses),
		}))
		.map(({ file, counts }) => ({ file, counts, ...scoreOf(counts) }))
		.sort((a, b) => a.score - b.score)
		.map(({ file, score, counts }) => {
			const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
			return `${score.toFixed(1).padStart(6)} %  ${file.padEnd(42)} ${parts.join(', ')}`;
		})
		.join('\n');
}

const short = (text) => {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length > WIDTH ? `${line.slice(0, WIDTH)}…` : line;
};

function survivor({ fileName, location: { start, end }, replacement }) {
	const lines = readFileSync(fileName, 'utf8')
		.split('\n')
		.slice(start.line, end.line + 1);
	lines[lines.length - 1] = lines.at(-1).slice(0, end.column);
	lines[0] = lines[0].slice(start.column);
	const place = `${path.relative(at(), fileName)}:${start.line + 1}:${start.column + 1}`;
	return `  ${place}  ${short(lines.join(' '))}  →  ${short(replacement)}`;
}

/** Where no test noticed a change, and which. */
export function survivors(mutants, statuses) {
	return mutants
		.filter(({ id }) => ['Survived', 'NoCoverage'].includes(statuses.get(id)))
		.map(survivor)
		.join('\n');
}
