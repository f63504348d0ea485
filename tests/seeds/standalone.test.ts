import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { buildSync } from 'esbuild';

// Each program is a process of its own; a busy machine takes its time to start one.
jest.setTimeout(60_000);

const ROOT = resolve(__dirname, '../..');

/** A place that looks like a built package, so that the programs run as they are. */
let place: string;

beforeAll(() => {
	place = mkdtempSync(join(tmpdir(), 'standalone-'));
	const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' });
	buildSync({
		entryPoints: sources
			.filter((name) => name.endsWith('.ts'))
			.map((name) => join(ROOT, 'lib', name)),
		outbase: join(ROOT, 'lib'),
		outdir: join(place, 'dist/lib'),
		format: 'cjs',
		platform: 'node',
		target: 'node24',
		logLevel: 'error',
	});
	cpSync(join(ROOT, 'examples/standalone'), join(place, 'examples/standalone'), {
		recursive: true,
	});
	symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
});

afterAll(() => rmSync(place, { recursive: true }));

/** Runs a program of `examples/standalone` and gives what it printed. */
async function run(program: string, typed = ''): Promise<string> {
	const file = join(place, 'examples/standalone', program);
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file]);
	let printed = '';
	child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
	child.stderr.on('data', (data: Buffer) => (printed += data.toString()));
	child.stdin.on('error', () => undefined);
	child.stdin.end(typed);
	await new Promise((done) => child.on('close', done));
	return printed;
}

describe('the standalone programs', () => {
	it('document 004, example 1: text-pipeline', async () => {
		expect(await run('text-pipeline.ts')).toBe(
			[
				'Text:    Hello World! It is a good day.',
				'Words:   7',
				'Longest: World!',
				'Done: completed, states clean → count → findLongest → report',
				'',
			].join('\n'),
		);
	});

	it('document 001, API calls with retry: parallel-requests', async () => {
		const printed = await run('parallel-requests.ts');
		expect(printed).toContain('paris      1 call(s)  15 °C\n');
		expect(printed).toContain('oslo       2 call(s)  12 °C\n');
		expect(printed).toMatch(/atlantis {3}3 call\(s\) {2}.* answered 503\.\n/);
		expect(printed).toMatch(/9 calls of 0.2 s each in [01]\.\d s\n$/);
	});

	it('document 001, lead processing: lead-processing', async () => {
		const printed = await run('lead-processing.ts');
		expect(printed).toContain('qualify_lead running, enrich_lead pending');
		expect(printed).toContain('completed: About Acme Corp: a hot lead with 120 employees\n');
		expect(printed).toContain('status="completed"} 1');
	});

	it('documents 001 and 004, recovery: crash-and-resume', async () => {
		expect(await run('crash-and-resume.ts')).toBe(
			[
				'--- first process',
				'collect  done, at a price',
				'pack     done, at a price',
				'ship     … the power goes out',
				'--- second process',
				'ship     done, at a price',
				'thank    done, at a price',
				'completed: thank is done',
				'',
			].join('\n'),
		);
	});

	it('document 004, validated human input: ask-a-person', async () => {
		const printed = await run('ask-a-person.ts', 'very\n90\n');
		expect(printed).toContain('The last answer was not acceptable. How good is');
		expect(printed).toContain('Published.\nDone: completed, by draft → review → publish\n');
	});
});
