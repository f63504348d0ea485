/**
 * Replays a recorded execution offline, as a jest test: `npm run replay -- FILE`.
 *
 * FILE is what _Agent Workflow → Monitor → Export Recording_ gave, as JSON. The run is done again by
 * this engine; everything outside answers what it answered then. The test fails, and shows where,
 * when a step asks something else or anything ends differently.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { exitCodeOf } from './support/process.mjs';
import { say } from './support/progress.mjs';

const [file] = process.argv.slice(2);
if (file === undefined || !existsSync(file)) {
	say(file ? `There is no file ${file}.` : 'Name a recording: npm run replay -- FILE');
	process.exit(2);
}
const env = { RECORDING: path.resolve(file) };
process.exit(await exitCodeOf('jest', ['tests/replay'], { env }));
