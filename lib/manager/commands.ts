import { z } from 'zod';

import { EngineError, parse, parseJson, serializeError, type Json, type Runtime } from '../core';
import { serializedErrorSchema } from '../run';
import type { Store } from '../store';

const COLLECTION = 'execution-commands';

/** Most commands that are read at a time. */
const PAGE = 100;

const commandSchema = z.discriminatedUnion('type', [
	z.object({ type: z.literal('pause'), mode: z.enum(['finish', 'immediate']) }),
	z.object({ type: z.literal('cancel'), message: z.string().optional() }),
	z.object({ type: z.literal('cancelStep'), stepId: z.string() }),
	z.object({ type: z.literal('answer'), requestId: z.string(), value: z.unknown() }),
	z.object({ type: z.literal('addStep'), step: z.unknown() }),
]);

/** What somebody wants of an execution that is under way. */
export type Command = z.infer<typeof commandSchema>;

const storedSchema = z.object({
	command: commandSchema,
	/** What came of it. */
	reply: z.unknown().optional(),
	error: serializedErrorSchema.optional(),
});

/** A command that has not been carried out. */
export interface OpenCommand {
	id: string;
	runId: string;
	command: Command;
}

/**
 * Commands to executions that another process runs, or that nobody runs now, as documents of the
 * store. The process that runs the execution looks for them, carries them out and writes what came
 * of it.
 */
export class Commands {
	constructor(
		private readonly store: Store,
		private readonly runtime: Pick<Runtime, 'newId'>,
	) {}

	/** Leaves a command for whoever runs the execution. @returns its id */
	async send(runId: string, command: Command): Promise<string> {
		const id = `${runId}/${this.runtime.newId()}`;
		await this.put(id, runId, 'open', { command });
		return id;
	}

	/** What is to be carried out, oldest first; of one execution or of any. */
	async open(runId?: string): Promise<OpenCommand[]> {
		const { documents } = await this.store.list(COLLECTION, {
			...(runId === undefined ? {} : { runId }),
			status: ['open'],
			oldestFirst: true,
			limit: PAGE,
		});
		return documents.map((document) => ({
			id: document.id,
			runId: document.runId,
			command: read(document.value).command,
		}));
	}

	/** Carries out a command and leaves what came of it for the sender. */
	async carryOut(
		{ id, runId, command }: OpenCommand,
		work: (command: Command) => Promise<unknown>,
	): Promise<void> {
		const outcome = await work(command).then(
			(reply) => ({ reply: reply as Json }),
			(error: unknown) => ({ error: serializeError(error) }),
		);
		await this.put(id, runId, 'done', { command, ...outcome });
	}

	/**
	 * What came of a command, once it has been carried out.
	 *
	 * @throws {EngineError} as it failed there
	 */
	async outcome(id: string): Promise<{ reply: unknown } | undefined> {
		const document = await this.store.get(COLLECTION, id);
		if (document?.status !== 'done') return undefined;
		const { reply, error } = read(document.value);
		await this.store.remove(COLLECTION, id);
		if (error === undefined) return { reply };
		const { code, message, ...info } = error;
		return await Promise.reject(new EngineError(code, message, info));
	}

	/** Takes a command back. @returns what came of it, if it was carried out already */
	async withdraw(id: string): Promise<{ reply: unknown } | undefined> {
		const outcome = await this.outcome(id);
		if (outcome === undefined) await this.store.remove(COLLECTION, id);
		return outcome;
	}

	private async put(
		id: string,
		runId: string,
		status: 'open' | 'done',
		value: z.input<typeof storedSchema>,
	): Promise<void> {
		const text = JSON.stringify(value);
		await this.store.put({
			collection: COLLECTION,
			id,
			runId,
			status,
			version: 'any',
			value: text,
		});
	}
}

function read(value: string): z.infer<typeof storedSchema> {
	return parse(storedSchema, parseJson(value), 'Stored command');
}
