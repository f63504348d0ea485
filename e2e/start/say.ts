/** Messages for the person go to standard error: standard output belongs to the result. */
export const say = (line = ''): void => void process.stderr.write(`${line}\n`);

export const secondsSince = (since: number): string =>
	`${((Date.now() - since) / 1000).toFixed(1)} s`;
