/**
 * The tests in a real n8n and a real browser: `npm run test:e2e [-- files and options]`, e.g.
 * `npm run test:e2e -- e2e/tests/humanReview.test.ts --test-name-pattern=malformed`.
 */
import { endToEnd } from './support/suites.mjs';
import { runSuites } from './support/summary.mjs';

await runSuites({ 'End-to-end tests in a real n8n': () => endToEnd(process.argv.slice(2)) });
