import { ValidationError } from '../core';

/** Names and values that tell the series of one metric apart. */
export type Labels = Readonly<Record<string, string>>;

/** One line of the exposition. */
export interface Sample {
	/** Added to the metric's name, e.g. `_sum`. Default: nothing. */
	suffix?: string;
	labels: Labels;
	value: number;
}

/** One metric with all its series. */
export interface MetricFamily {
	name: string;
	help: string;
	type: 'counter' | 'gauge' | 'summary';
	samples: readonly Sample[];
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Metrics in Prometheus' text format, version 0.0.4, to be served as
 * `text/plain; version=0.0.4; charset=utf-8`.
 *
 * @throws {ValidationError} when a name of a metric or label is none
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(families: readonly MetricFamily[]): string {
	return families.map(familyText).join('');
}

function familyText({ name, help, type, samples }: MetricFamily): string {
	checkName(name, METRIC_NAME, 'metric');
	const head = `# HELP ${name} ${escape(help)}\n# TYPE ${name} ${type}\n`;
	return head + samples.map((sample) => sampleText(name, sample)).join('');
}

function sampleText(name: string, { suffix = '', labels, value }: Sample): string {
	const pairs = Object.entries(labels).map(([label, text]) => {
		checkName(label, LABEL_NAME, 'label');
		return `${label}="${escape(text).replace(/"/g, '\\"')}"`;
	});
	const braces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
	return `${name}${suffix}${braces} ${numberText(value)}\n`;
}

/** A backslash or line break inside a text would end it, or the line. */
function escape(text: string): string {
	return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}

function numberText(value: number): string {
	if (Number.isNaN(value)) return 'NaN';
	if (Number.isFinite(value)) return String(value);
	return value > 0 ? '+Inf' : '-Inf';
}

function checkName(name: string, pattern: RegExp, what: string): void {
	if (pattern.test(name)) return;
	throw new ValidationError(`"${name}" is no name of a ${what} for Prometheus.`, {
		hint: 'Use letters, digits and underscores, and no digit at the beginning.',
	});
}
