import { EngineError, isJsonObject, parseJson, type JsonObject } from '../core';
import { checksum, checksumOfFormat1 } from './checksum';

/** The format of the text below; a reader refuses what a newer version wrote. */
const FORMAT = 2;

type Checksum = (text: string, from?: number, to?: number) => string;

/** The formats that can be read. What is written next is written in the latest one. */
const CHECKSUMS: Readonly<Record<number, Checksum>> = {
	1: checksumOfFormat1,
	[FORMAT]: checksum,
};

/**
 * The text of one log record: `<format> <checksum> <checksum> <header JSON>`, and on a second line
 * the payload.
 *
 * The header is what an index needs, the payload what is wanted later. Each has its own checksum,
 * so that opening a run with many large results looks at the headers only.
 *
 * @param header - plain JSON
 * @param payload - any text, normally JSON; left out when undefined
 */
export function encodeRecord(header: object, payload?: string): string {
	const head = JSON.stringify(header);
	if (payload === undefined) return `${FORMAT} ${checksum(head)} ${NONE} ${head}`;
	return `${FORMAT} ${checksum(head)} ${checksum(payload)} ${head}\n${payload}`;
}

/** One decoded record. */
export interface DecodedRecord {
	/** What was given to {@link encodeRecord}; the reader checks that it is of its own kind. */
	header: JsonObject;
	/**
	 * The payload, if there is one.
	 *
	 * @throws {EngineError} `RECORD_CORRUPT` when it is torn or was changed
	 */
	payload: () => string | undefined;
}

/** In the place of the checksum of a payload that there is none of. */
const NONE = '-';

const PREFIX = /^(\d+) ([0-9a-f]{8}) ([0-9a-f]{8}|-) /;

/**
 * Reads what {@link encodeRecord} wrote.
 *
 * @throws {EngineError} `RECORD_CORRUPT` when the header is torn or was changed, `RECORD_VERSION`
 * when a newer version wrote it
 */
export function decodeRecord(text: string): DecodedRecord {
	const format = Number(/^\d+(?= )/.exec(text)?.[0] ?? 0);
	if (format > FORMAT) throw tooNew(format);
	const prefix = PREFIX.exec(text);
	const sumOf = CHECKSUMS[format];
	if (prefix === null || sumOf === undefined)
		throw corruptRecord('it does not begin like a record');
	const start = prefix[0].length;
	const found = text.indexOf('\n', start);
	const end = found < 0 ? text.length : found;
	if (sumOf(text, start, end) !== prefix[2]) {
		throw corruptRecord('the checksum of its header is wrong');
	}
	const header = parseJson(text.slice(start, end));
	if (!isJsonObject(header)) throw corruptRecord('its header is not an object');
	return { header, payload: () => payloadOf(text, end, prefix[3]!, sumOf) };
}

function payloadOf(text: string, end: number, sum: string, sumOf: Checksum): string | undefined {
	const isThere = end < text.length;
	const right = isThere ? sum === sumOf(text, end + 1) : sum === NONE;
	if (!right) throw corruptRecord('the checksum of its content is wrong');
	return isThere ? text.slice(end + 1) : undefined;
}

/** The error for a record that cannot be used; `why` completes "A stored record cannot be used:". */
export function corruptRecord(why: string): EngineError {
	return new EngineError('RECORD_CORRUPT', `A stored record cannot be used: ${why}.`, {
		errorClass: 'validation',
		hint: 'What it recorded will be done again. If this happens often, check the disk of the store.',
	});
}

function tooNew(format: number): EngineError {
	return new EngineError(
		'RECORD_VERSION',
		`A stored record has format ${format}; this version of the package reads up to ${FORMAT}.`,
		{
			errorClass: 'validation',
			hint: 'Update n8n-nodes-agent-swarm on this machine, or use another store.',
			details: { format, supported: FORMAT },
		},
	);
}
