/** The tests in a real n8n and a real browser: `npm run test:e2e [-- files]`. */
import { summary } from './support/results.mjs';
import { endToEnd } from './support/suites.mjs';

const counts = await endToEnd(process.argv.slice(2));
process.stdout.write(`${summary(counts)}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
