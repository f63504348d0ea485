/** Everything that runs inside jest, in under a minute: `npm run test:unit [-- jest arguments]`. */
import { summary } from './support/results.mjs';
import { unit } from './support/suites.mjs';

const counts = await unit(process.argv.slice(2));
process.stdout.write(`${summary(counts)}\n`);
process.exitCode = counts.failed > 0 ? 1 : 0;
