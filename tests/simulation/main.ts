import { parseArgs } from 'node:util';

import { ENOUGH_SCHEDULES, SOMETIMES } from './sometimes';
import { runSuite } from './suite';

async function main(): Promise<number> {
	const { values } = parseArgs({
		options: {
			schedules: { type: 'string', default: '50000' },
			seed: { type: 'string', default: '1' },
		},
	});
	const schedules = Number(values.schedules);
	const firstSeed = Number(values.seed);
	const started = performance.now();
	const result = await runSuite({
		schedules,
		firstSeed,
		onProgress: (done) => console.log(`${done} of ${schedules} schedules`),
	});
	const seconds = (performance.now() - started) / 1000;
	for (const { seed, violations, plan } of result.findings) {
		console.log(`\nSeed ${seed} breaks:\n  ${violations.join('\n  ')}`);
		console.log(`Smallest plan that does: ${JSON.stringify(plan)}`);
		console.log(`Replay: npm run simulate -- --schedules 1 --seed ${seed}`);
	}
	const missing = SOMETIMES.filter((what) => result.reached[what] === undefined);
	console.table(result.reached);
	if (missing.length > 0) console.log(`Never reached: ${missing.join(', ')}`);
	const perSecond = Math.round(schedules / seconds);
	const { events, crashes, violations } = result;
	console.log(
		`${schedules} schedules, ${events} events, ${crashes} crashes, ${violations} violations, ${perSecond} schedules/s`,
	);
	const complete = missing.length === 0 || schedules < ENOUGH_SCHEDULES;
	console.log(
		`RESULT ${JSON.stringify({
			suite: 'simulate',
			schedules,
			seed: firstSeed,
			events,
			crashes,
			violations,
			unreached: missing,
			seconds: Math.round(seconds * 10) / 10,
			schedulesPerSecond: perSecond,
			virtualHours: Math.round(result.virtualMs / 3_600_000),
			ok: violations === 0 && complete,
		})}`,
	);
	return violations === 0 && complete ? 0 : 1;
}

void main().then((code) => {
	process.exitCode = code;
});
