import { messageOf } from '../core';
import { BudgetLedger } from '../budget';
import { AskedEngine } from './askedEngine';
import { callEngine } from './engineCall';
import type { CallRules } from './engineCall';
import type { HitList } from './fusion';
import type { SearchPlan } from './plan';
import type { SearchClock, Stage } from './searchClock';
import type { EngineReport, SearchEngine } from './searchEngine';
import type { SearchPorts, SearchRequest } from './searchRequest';
import { SearchServices } from './services';
import type { QueryVariant } from './variants';

/** Share of the whole time after which no engine is waited for: pages and ranking need the rest. */
const ENGINES_SHARE = 0.6;
/** An engine that has not answered for so long gets a standby engine, if there is one. */
const STANDBY_AFTER_MS = 3000;

/** Time between the end of the calls and the end of their round. */
const SETTLE_MS = 10;

/**
 * The engines of one search at work: asks all of them at the same time, brings in standby engines
 * for those that fail or are slow, and stops when enough have answered or the time is over.
 */
export class Swarm {
	/** One list for each engine and wording that was answered. */
	readonly lists: HitList[] = [];
	/** What did not go as asked for, in words. */
	readonly warnings: string[] = [];
	private readonly asked: AskedEngine[];
	private readonly standby: SearchEngine[];
	private readonly services: SearchServices;
	private readonly budget: BudgetLedger;
	private readonly startedAt: number;
	private readonly wordings: QueryVariant[] = [];
	private hasEnough = false;
	private endRound: () => void = () => undefined;

	constructor(
		private readonly plan: SearchPlan,
		private readonly request: SearchRequest,
		private readonly ports: SearchPorts,
		private readonly clock: SearchClock,
	) {
		const { runtime, engines, standby = [], services } = ports;
		const { maxCalls, maxCostUsd } = request;
		this.services = services ?? new SearchServices(runtime);
		this.standby = [...standby];
		this.startedAt = runtime.monotonic();
		this.budget = new BudgetLedger({
			...(maxCalls === undefined ? {} : { calls: { hard: maxCalls } }),
			...(maxCostUsd === undefined ? {} : { costUsd: { hard: maxCostUsd } }),
		});
		this.asked = engines.map((engine) => new AskedEngine(engine, this.startedAt));
	}

	/** Whether nothing more should be asked: enough have answered, or the time is over. */
	get isOver(): boolean {
		return this.hasEnough || this.clock.leftUntil(ENGINES_SHARE) <= SETTLE_MS;
	}

	/** What the calls cost by the price lists of the engines, in US dollars. */
	get costUsd(): number {
		return this.budget.spent().costUsd;
	}

	/** The first failure, when no engine at all has answered. */
	get failure(): unknown {
		if (this.asked.some(({ isAnswered }) => isAnswered)) return undefined;
		return this.asked.find(({ failure }) => failure !== undefined)?.failure;
	}

	/** Asks every engine in every wording, all at the same time. */
	async ask(wordings: readonly QueryVariant[]): Promise<void> {
		const { signal, runtime } = this.ports;
		this.wordings.push(...wordings);
		const round = this.clock.stage(ENGINES_SHARE, signal);
		const ended = new Promise<void>((resolve) => (this.endRound = resolve));
		// The question itself comes first everywhere, should the budget not suffice for all.
		for (const wording of wordings) {
			for (const asked of [...this.asked]) this.start(asked, wording, round);
		}
		this.look(round);
		const timer = runtime.setTimer(this.standbyAfterMs(), () => this.replaceSlow(round));
		await Promise.race([ended, round.over]);
		timer.cancel();
		const why = round.signal.aborted ? 'time' : 'enough';
		round.end();
		for (const asked of this.asked) asked.leave(why, runtime.monotonic());
	}

	/** How the engines did, in the order in which they were given. */
	reports(): EngineReport[] {
		const waiting = this.standby.map((engine) => new AskedEngine(engine, this.startedAt));
		return [...this.asked, ...waiting].map((asked) => asked.report());
	}

	private start(asked: AskedEngine, wording: QueryVariant, round: Stage): void {
		if (!asked.begin()) return;
		const { engine } = asked;
		const { filters } = this.plan;
		const question = { text: wording.text, limit: this.request.resultsPerEngine ?? 10, filters };
		const end = (settle: (at: number) => void): void => {
			// What arrives after its round has ended is too late.
			if (round.signal.aborted) return;
			settle(this.ports.runtime.monotonic());
			this.look(round);
		};
		callEngine(engine, this.services.of(engine), question, this.rulesFor(asked, round)).then(
			(answer) =>
				end((at) => {
					const hits = asked.take(answer, filters, at);
					this.lists.push({ engine: engine.name, weight: wording.weight, hits });
				}),
			(error: unknown) => end((at) => asked.fail(error, at)),
		);
	}

	private rulesFor(asked: AskedEngine, round: Stage): CallRules {
		const { timeoutMs = 8000, attemptsPerEngine = 2 } = this.request;
		const { runtime, cache } = this.ports;
		return {
			runtime,
			signal: round.signal,
			timeoutMs,
			// A little before the round ends, so that silence counts against the service.
			deadlineAt: runtime.monotonic() + this.clock.leftUntil(ENGINES_SHARE) - SETTLE_MS,
			maxAttempts: attemptsPerEngine,
			budget: this.budget,
			cache,
			onCacheFailure: (error) => this.warn(`The cache does not work: ${messageOf(error)}`),
			onAttempt: () => asked.calls++,
		};
	}

	/** Looks what is to be done next: bring in a standby engine, go on waiting, or stop. */
	private look(round: Stage): void {
		for (const asked of [...this.asked]) {
			if (asked.hasFailed) this.replace(asked, 'failed', round);
		}
		const { enoughEngines = Infinity } = this.request;
		this.hasEnough = this.asked.filter(({ hasDelivered }) => hasDelivered).length >= enoughEngines;
		if (this.hasEnough || !this.asked.some(({ isOpen }) => isOpen)) this.endRound();
	}

	private standbyAfterMs(): number {
		return Math.min(STANDBY_AFTER_MS, this.clock.leftUntil(ENGINES_SHARE) / 2);
	}

	private replaceSlow(round: Stage): void {
		for (const asked of [...this.asked]) {
			if (asked.isOpen && !asked.isAnswered) this.replace(asked, 'is slow', round);
		}
	}

	private replace(asked: AskedEngine, why: string, round: Stage): void {
		const engine = asked.replaced ? undefined : this.standby.shift();
		if (engine === undefined) return;
		asked.replaced = true;
		this.warn(`${engine.name} was asked as well, because ${asked.engine.name} ${why}.`);
		const another = new AskedEngine(engine, this.startedAt);
		this.asked.push(another);
		for (const wording of this.wordings) this.start(another, wording, round);
	}

	private warn(message: string): void {
		if (!this.warnings.includes(message)) this.warnings.push(message);
	}
}
