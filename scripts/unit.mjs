/** Everything that runs inside jest, in under a minute: `npm run test:unit [-- jest arguments]`. */
import { unit } from './support/suites.mjs';
import { runSuites } from './support/summary.mjs';

await runSuites({ 'Unit, property and in-process tests': () => unit(process.argv.slice(2)) });
