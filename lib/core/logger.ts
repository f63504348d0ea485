/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where the engine's log lines go. Never pass a secret. */
export interface Logger {
	log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A logger that keeps nothing. */
export const silentLogger: Logger = { log: () => undefined };

/**
 * A logger that adds fixed fields to each line, such as the run and the step.
 * Fields given with the line win.
 */
export function boundLogger(logger: Logger, bound: Readonly<Record<string, unknown>>): Logger {
	return {
		log: (level, message, fields) => logger.log(level, message, { ...bound, ...fields }),
	};
}
