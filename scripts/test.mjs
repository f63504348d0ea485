/** Every test there is, with one summary: `npm test`. */
import { endToEnd, unit } from './support/suites.mjs';
import { runSuites } from './support/summary.mjs';

await runSuites({
	'Unit, property and in-process tests': unit,
	'End-to-end tests in a real n8n': endToEnd,
});
