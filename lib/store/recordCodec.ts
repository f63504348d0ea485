import { EngineError, isJsonObject, parseJson, type JsonObject } from '../core';
import { checksum } from './checksum';

/** The format of the text below; a reader refuses what a newer version wrote. */
const FORMAT = 1;

/**
 * The text of one log record: `<format> <checksum> <header JSON>`, and on a second line the payload.
 *
 * The header is what an index needs, the payload what is wanted later, so that opening a run with
 * many large results parses only the headers.
 *
 * @param header - plain JSON
 * @param payload - any text, normally JSON; left out when undefined
 */
export function encodeRecord(header: object, payload?: string): string {
	const head = JSON.stringify(header);
	const content = payload === undefined ? head : `${head}\n${payload}`;
	return `${FORMAT} ${checksum(content)} ${content}`;
}

/** One decoded record. */
export interface DecodedRecord {
	/** What was given to {@link encodeRecord}; the reader checks that it is of its own kind. */
	header: JsonObject;
	payload: string | undefined;
}

const PREFIX = /^(\d+) ([0-9a-f]{8}) /;

/**
 * Reads what {@link encodeRecord} wrote.
 *
 * @throws {EngineError} `RECORD_CORRUPT` when the text is torn or was changed, `RECORD_VERSION` when
 * a newer version wrote it
 */
export function decodeRecord(text: string): DecodedRecord {
	const prefix = PREFIX.exec(text);
	const format = Number(prefix?.[1] ?? 0);
	if (format > FORMAT) throw tooNew(format);
	if (prefix === null || format < FORMAT) throw corruptRecord('it does not begin like a record');
	const content = text.slice(prefix[0].length);
	if (checksum(content) !== prefix[2]) throw corruptRecord('its checksum does not match');
	const end = content.indexOf('\n');
	const header = parseJson(end < 0 ? content : content.slice(0, end));
	if (!isJsonObject(header)) throw corruptRecord('its header is not an object');
	return { header, payload: end < 0 ? undefined : content.slice(end + 1) };
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
