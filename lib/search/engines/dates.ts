/** `{ year, month, day }` numbers as an ISO 8601 date, as exact as they are; `null` without a year. */
export function dateOfParts(
	parts: ReadonlyArray<number | null | undefined> | undefined,
): string | null {
	const [year, month, day] = parts ?? [];
	if (!year) return null;
	const two = (part: number) => String(part).padStart(2, '0');
	if (!month) return String(year);
	return day ? `${year}-${two(month)}-${two(day)}` : `${year}-${two(month)}`;
}

/** Seconds since the Unix epoch as an ISO 8601 time. */
export function timeOfEpoch(seconds: number | null | undefined): string | null {
	const date = new Date((seconds ?? NaN) * 1000);
	return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** The first and the last second of a range of days, since the Unix epoch, by UTC. */
export function epochsOf(
	dates: { from: string; to: string } | undefined,
): { from: number; to: number } | undefined {
	if (dates === undefined) return undefined;
	const midnight = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000;
	return { from: midnight(dates.from), to: midnight(dates.to) + 86_399 };
}

/** A date or time as services write them, when it is one; `null` otherwise. */
export function timeOfText(text: string | null | undefined): string | null {
	const known = /^\d{4}(-\d{2}(-\d{2}([T ][\d:.]+(Z|[+-]\d{2}:?\d{2})?)?)?)?$/.test(text ?? '');
	return known ? (text ?? null) : null;
}
