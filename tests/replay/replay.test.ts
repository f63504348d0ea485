import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseJson, replayRecording } from '../../lib';

/** Recordings that must go on giving what they gave; `npm run replay -- FILE` names another one. */
const FOLDER = join(__dirname, 'recordings');
const files =
	process.env.RECORDING === undefined
		? readdirSync(FOLDER).map((name) => join(FOLDER, name))
		: [process.env.RECORDING];

describe('a recorded run, replayed offline', () => {
	it.each(files)('does the same again: %s', async (file) => {
		const report = await replayRecording(parseJson(readFileSync(file, 'utf8')));
		expect(report.replayed).toBe(report.recorded);
	});
});
