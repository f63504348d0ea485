import { isJsonObject } from '../../core';
import type { Json, JsonObject } from '../../core';
import { html, link, safeLink } from '../../page';
import type { Html } from '../../page';

/** Values shown one by one; the raw data below shows the rest. */
const MAX_VALUES = 2000;
const MAX_DEPTH = 12;
const MAX_COLUMNS = 8;

/** Words of the page that the view needs. */
export interface JsonWords {
	more: string;
	yes: string;
	no: string;
	nothing: string;
}

/**
 * Any JSON as something to read: objects as lists of names and values, lists of like objects as
 * tables, addresses as links, long texts with their lines.
 */
export function jsonView(value: Json, words: JsonWords): Html {
	const budget = { left: MAX_VALUES };
	return valueView(value, words, budget, 0);
}

interface Budget {
	left: number;
}

function valueView(value: Json, words: JsonWords, budget: Budget, depth: number): Html {
	if (--budget.left < 0 || depth > MAX_DEPTH) return html`<span class="muted">${words.more}</span>`;
	if (Array.isArray(value)) return listView(value, words, budget, depth);
	if (isJsonObject(value)) return objectView(value, words, budget, depth);
	return scalarView(value, words);
}

function scalarView(value: Json, words: JsonWords): Html {
	if (value === null || value === '') return html`<span class="muted">${words.nothing}</span>`;
	if (typeof value === 'boolean') return html`${value ? words.yes : words.no}`;
	if (typeof value !== 'string') return html`${JSON.stringify(value)}`;
	if (/^https?:\/\/\S+$/.test(value) && safeLink(value) !== undefined) return link(value, value);
	return html`<span class="text">${value}</span>`;
}

function objectView(value: JsonObject, words: JsonWords, budget: Budget, depth: number): Html {
	const entries = Object.entries(value);
	if (entries.length === 0) return html`<span class="muted">${words.nothing}</span>`;
	return html`<dl class="tree">
		${entries.map(
			([key, entry]) =>
				html`<div>
					<dt>${key}</dt>
					<dd>${valueView(entry, words, budget, depth + 1)}</dd>
				</div>`,
		)}
	</dl>`;
}

function listView(values: readonly Json[], words: JsonWords, budget: Budget, depth: number): Html {
	if (values.length === 0) return html`<span class="muted">${words.nothing}</span>`;
	const columns = columnsOf(values);
	if (columns !== undefined)
		return tableView(values as JsonObject[], columns, words, budget, depth);
	return html`<ol class="list">
		${values.map((value) => html`<li>${valueView(value, words, budget, depth + 1)}</li>`)}
	</ol>`;
}

/** The columns of a table, when the values are like objects of plain values. */
function columnsOf(values: readonly Json[]): string[] | undefined {
	if (values.length < 2 || !values.every(isJsonObject)) return undefined;
	const columns = [...new Set(values.flatMap((value) => Object.keys(value)))];
	const flat = values.every((value) =>
		Object.values(value).every((entry) => entry === null || typeof entry !== 'object'),
	);
	return flat && columns.length > 0 && columns.length <= MAX_COLUMNS ? columns : undefined;
}

function tableView(
	rows: readonly JsonObject[],
	columns: readonly string[],
	words: JsonWords,
	budget: Budget,
	depth: number,
): Html {
	const head = columns.map((column) => html`<th scope="col">${column}</th>`);
	const body = rows.map((row) => {
		const cells = columns.map((column) => {
			const cell = Object.hasOwn(row, column) ? row[column]! : null;
			return html`<td>${valueView(cell, words, budget, depth + 1)}</td>`;
		});
		return html`<tr>
			${cells}
		</tr>`;
	});
	return html`<div class="scroll" tabindex="0" role="group">
		<table>
			<thead>
				<tr>
					${head}
				</tr>
			</thead>
			<tbody>
				${body}
			</tbody>
		</table>
	</div>`;
}
