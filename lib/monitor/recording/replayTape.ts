import { canonicalJson, EngineError, type Runtime } from '../../core';
import type { RecordedCall } from './recording';
import type { Tape, TapePlace, TapeQuestion } from './tape';

/** Answers what is asked with what was answered then, after as long as it took then. */
export class ReplayTape implements Tape {
	/** Everything asked so far. */
	readonly asked: Array<TapeQuestion & { path: string }> = [];
	private readonly answers = new Map<string, RecordedCall[]>();

	constructor(
		calls: readonly RecordedCall[],
		private readonly runtime: Runtime,
	) {
		for (const call of calls) {
			const key = keyOf(call.path, call);
			const list = this.answers.get(key);
			if (list === undefined) this.answers.set(key, [call]);
			else list.push(call);
		}
	}

	/**
	 * @throws {EngineError} `REPLAY_DIVERGED` when nobody asked this then; and whatever was thrown then
	 */
	async play<Value>({ path }: TapePlace, question: TapeQuestion): Promise<Value> {
		this.asked.push({ path, ...question });
		const call = this.answers.get(keyOf(path, question))?.shift();
		if (call === undefined) throw diverged(path, question);
		await this.runtime.sleep(call.tookMs);
		if (call.error === undefined) return call.response as Value;
		const { code, message, ...rest } = call.error;
		throw new EngineError(code, message, rest);
	}
}

/** The same question has the same key; of several, the answers come in their order. */
function keyOf(path: string, { port, name, request }: TapeQuestion): string {
	return `${path}\n${port}\n${name}\n${canonicalJson(request)}`;
}

function diverged(path: string, { port, name, request }: TapeQuestion): EngineError {
	return new EngineError(
		'REPLAY_DIVERGED',
		`Step "${path}" asks something that the recording has no answer to: ${port} "${name}".`,
		{
			retryable: false,
			hint: 'The code that runs the step has changed since the recording, or it depends on chance or time.',
			details: { request },
		},
	);
}
