/**
 * Ten engines in three wordings, of which one call in twenty fails and one engine is dead, in
 * virtual time: does every search answer by its deadline, and what does the dead engine cost?
 */
import { EngineError, SearchServices, VirtualRuntime, search } from '../../engine/lib/index.js';
import { atLeast, atMost, row } from '../../support/rows.mjs';
import { lots } from './chance.mjs';

const SEARCHES = 500;
const ENGINES = 9;
const FAULTS = 0.05;
const DEADLINE_MS = 20_000;
const KINDS = ['silence', 'server', 'network', 'rate_limit', 'bad_output'];

/** The pauses between the probes of a dead engine; then ten minutes each. */
const COOL_DOWNS_MS = [30_000, 60_000, 120_000, 240_000, 480_000, 600_000];
/** Calls that it takes to find out that an engine is dead: three failures, and those under way. */
const UNTIL_DEAD = 4;

const failure = (errorClass) =>
	new EngineError('SEARCH_FAILED', `It answered: ${errorClass}.`, { errorClass });

/** An engine that does with each call what `behave` says: `{ afterMs, error }` or `'silence'`. */
function engineOf(name, runtime, behave) {
	const engine = { name, service: name, calls: 0 };
	engine.search = ({ text, signal }) =>
		new Promise((resolve, reject) => {
			engine.calls++;
			signal.addEventListener('abort', () => reject(failure('abort')));
			const how = behave();
			if (how === 'silence') return;
			const snippet = `${name} knows what ${text} means for the tram lines of a city.`;
			const hits = [{ url: `https://${name}.example/${text.length}`, title: text, snippet }];
			runtime.setTimer(how.afterMs, () => (how.error ? reject(how.error) : resolve(hits)));
		});
	return engine;
}

function healthy(chance) {
	return () => {
		const afterMs = 50 + 900 * chance();
		if (chance() >= FAULTS) return { afterMs };
		const kind = KINDS[Math.floor(chance() * KINDS.length)];
		return kind === 'silence' ? kind : { afterMs, error: failure(kind) };
	};
}

/** How often a dead engine may have been probed until a time. */
function probesUntil(ms) {
	let [probes, at] = [0, 0];
	while (at < ms) at += COOL_DOWNS_MS[Math.min(probes++, COOL_DOWNS_MS.length - 1)];
	return probes;
}

export async function swarm() {
	const runtime = new VirtualRuntime();
	const services = new SearchServices(runtime);
	const chance = lots(2026);
	const dead = engineOf('dead', runtime, () => ({ afterMs: 40, error: failure('network') }));
	const engines = Array.from({ length: ENGINES }, (_, at) =>
		engineOf(`engine-${at}`, runtime, healthy(chance)),
	);
	let [answered, slowest, total] = [0, 0, 0];
	for (let at = 0; at < SEARCHES; at++) {
		const startedAt = runtime.monotonic();
		const report = await runtime.until(
			search(
				{ query: `tram lines in city number ${at}`, deadlineMs: DEADLINE_MS },
				{ engines: [...engines, dead], runtime, services },
			),
		);
		const took = runtime.monotonic() - startedAt;
		slowest = Math.max(slowest, took);
		total += took;
		if (took <= DEADLINE_MS && report.sentences.length > 0) answered++;
	}
	const most = UNTIL_DEAD + probesUntil(runtime.monotonic());
	return [
		row('swarm/answered by the deadline', 'share', { ours: answered / SEARCHES }, [atLeast(1)]),
		row('swarm/slowest', 'ms of 20,000', { ours: slowest }, [atMost(DEADLINE_MS)]),
		row('swarm/mean', 'ms', { ours: total / SEARCHES }, []),
		row('swarm/calls of the dead engine', 'calls', { ours: dead.calls }, [atMost(most)]),
		row('swarm/one probe in each cool-down', 'calls', { ours: most }, []),
	];
}
