/**
 * A reporter for `node --test` that only counts, as JSON: `{ passed, failed }`.
 * Skipped and postponed tests prove nothing and count as failed; groups do not count.
 */
export default async function* countingReporter(source) {
	let passed = 0;
	let failed = 0;
	for await (const { type, data } of source) {
		if (type !== 'test:pass' && type !== 'test:fail') continue;
		const isGroup = data.details?.type === 'suite';
		const isDone = type === 'test:pass' && data.skip === undefined && data.todo === undefined;
		if (isDone) passed += isGroup ? 0 : 1;
		else if (!isGroup || data.details?.error?.failureType !== 'subtestsFailed') failed += 1;
	}
	yield JSON.stringify({ passed, failed });
}
