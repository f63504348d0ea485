import { stderr } from 'node:process';

import type { Logger, LogLevel } from '../core';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * Writes log lines to the standard error stream, so that the standard output stays free for results.
 *
 * @param least - lines below this level are dropped. Default `info`
 * @param stream - where to write
 */
export function consoleLogger(
	least: LogLevel = 'info',
	stream: { write(line: string): unknown } = stderr,
): Logger {
	return {
		log(level, message, fields) {
			if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
			const rest = fields === undefined ? '' : ` ${JSON.stringify(fields)}`;
			stream.write(`${level.padEnd(5)} ${message}${rest}\n`);
		},
	};
}
