import type { AgentTool } from '../../agent';
import { toJson, type Json } from '../../core';
import type { ChatModel, ChatRequest } from '../../llm';
import type { StoredDocument, Store } from '../../store';
import type { AnyStepKind, KindContext, StepKind } from '../../workflow';
import type { Tape, TapePlace } from './tape';

/** A model whose answers go through a tape. */
export function tapedModel(model: ChatModel, tape: Tape, place: TapePlace): ChatModel {
	const { name, key } = model;
	return {
		name,
		key,
		chat: async (request) =>
			await tape.play(
				place,
				{ port: 'model', name, request: plainRequest(request) },
				async () => await model.chat(request),
			),
	};
}

/** What is asked, without what only this process understands. */
function plainRequest({ signal, onText, onActivity, ...request }: ChatRequest): Json {
	void [signal, onText, onActivity];
	return toJson(request);
}

/** A tool whose results go through a tape. */
export function tapedTool(tool: AgentTool, tape: Tape, place: TapePlace): AgentTool {
	const { name } = tool.spec;
	return {
		...tool,
		run: async (input, options) =>
			await tape.play(
				place,
				{ port: 'tool', name, request: input },
				async () => await tool.run(input, options),
			),
	};
}

/** A conversation's store whose contents go through a tape; what is written is written. */
export function tapedThreads(
	store: Pick<Store, 'get' | 'put'>,
	tape: Tape,
	place: TapePlace,
): Pick<Store, 'get' | 'put'> {
	return {
		get: async (collection, id) => {
			const question = { port: 'thread', name: collection, request: id };
			const read = async () => (await store.get(collection, id)) ?? null;
			const document: StoredDocument | null = await tape.play(place, question, read);
			return document ?? undefined;
		},
		put: async (write) => await store.put(write),
	};
}

/** A kind of step whose output goes through a tape, e.g. `http` or `search`. */
export function tapedKind(kind: AnyStepKind, tape: Tape): AnyStepKind {
	const inner = kind as StepKind;
	const { kind: name } = inner;
	return {
		...kind,
		execute: async (context: KindContext) =>
			await tape.play(
				placeOf(context),
				{ port: name, name: context.step.id, request: toJson([context.parameters, context.input]) },
				async () => toJson(await inner.execute(context)),
			),
	};
}

/** A kind of step that asks people, whose answers go through a tape. */
export function tapedAnswers(kind: AnyStepKind, tape: Tape): AnyStepKind {
	const inner = kind as StepKind;
	return {
		...kind,
		execute: (context: KindContext) =>
			inner.execute({
				...context,
				waitFor: async (name, options) =>
					await tape.play(
						placeOf(context),
						{ port: 'person', name, request: toJson(options?.payload) },
						async () => await context.waitFor(name, options),
					),
			}),
	};
}

function placeOf({ attempt }: Pick<KindContext, 'attempt'>): TapePlace {
	return { runId: attempt.runId, path: attempt.path };
}
