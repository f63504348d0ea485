import { z } from 'zod';

import { UNTRUSTED_NOTE, delimitUntrusted, extractJson } from '../agent';
import { hashOf, messageOf } from '../core';
import type { ChatMessage, ModelSession } from '../llm';
import type { Passage } from './passages';
import { passagesOf } from './passages';
import type { Stage } from './searchClock';
import { citedSentence } from './summarize';
import type { CitedSentence, NumberedHit } from './summarize';
import { Verifier } from './verify';

/**
 * What becomes of sentences of a model that their quotes do not bear out:
 *
 * - `drop`: they are left out.
 * - `mark`: they stay, followed by "[unverified]".
 * - `repair`: the model may write them once more; what still fails is left out.
 * - `quote`: the whole summary is made of quotes instead, without the model.
 */
export type UnprovenPolicy = 'drop' | 'mark' | 'repair' | 'quote';

/** How the model summarises. */
export interface ModelSummaryOptions {
	model: ModelSession;
	/** The time that the model has. */
	stage: Stage;
	/** Sentences at most. */
	maxSentences: number;
	/** Default `drop`. */
	unproven?: UnprovenPolicy;
}

/** What the model is shown. */
const MAX_PASSAGES = 12;
/** Longer quotes are cut: they are more than what a sentence rests on. */
const MAX_QUOTE_CHARS = 600;

const INSTRUCTIONS = `You answer a question from numbered passages, and from nothing else.
Write short sentences, each with the quotes that bear it out: pieces of a passage copied character by character, at most 300 characters each. Take over numbers, names, units, dates and negations exactly. Say nothing that no passage says; when the passages do not answer the question, give no sentence. Never write an address of a page, and no numbers of passages in the text.
${UNTRUSTED_NOTE}
Answer with JSON only: {"sentences": [{"text": "…", "quotes": [{"passage": 1, "quote": "…"}]}]}`;

const answerSchema = z.object({
	sentences: z.array(
		z.object({
			text: z.string(),
			quotes: z.array(z.object({ passage: z.number(), quote: z.string() })).default([]),
		}),
	),
});

type WrittenSentence = z.infer<typeof answerSchema>['sentences'][number];

/**
 * A summary written by a model and checked sentence by sentence: the model sees numbered passages
 * and gives sentences with quotes; addresses come from the sources, never from the model.
 *
 * @param sources - what may be quoted; when no passage of them speaks about the question, the model
 * is not asked
 * @returns the sentences; or, as text, why there are none
 */
export async function modelSummary(
	query: string,
	sources: readonly NumberedHit[],
	options: ModelSummaryOptions,
): Promise<CitedSentence[] | string> {
	const passages = passagesOf(query, sources, MAX_PASSAGES);
	if (passages.length === 0) return [];
	const writer = new Writer(query, passages, sources, options);
	const first = await writer.write();
	if (typeof first === 'string') return first;
	const { unproven = 'drop', maxSentences } = options;
	const sentences = unproven === 'repair' ? await writer.repair(first) : first;
	const isWanted = unproven === 'mark' ? hasNoAddress : isProven;
	if (unproven === 'quote' && !sentences.every(isProven)) {
		return noSummary('not all of its sentences are borne out by their quotes.');
	}
	const kept = sentences.filter(isWanted).slice(0, maxSentences);
	if (kept.length > 0) return kept;
	return noSummary(
		sentences.length === 0
			? 'it wrote no sentence.'
			: 'none of its sentences is borne out by its quotes.',
	);
}

/** Whether a sentence may stand without a mark. */
export function isProven({ verdict }: Pick<CitedSentence, 'verdict'>): boolean {
	return verdict === 'verified' || verdict === 'supported';
}

/** An address of a model's making is not shown, marked or not. */
function hasNoAddress({ failed }: CitedSentence): boolean {
	return !failed.includes('address');
}

function noSummary(why: string): string {
	return `The summary is made of quotes, without the model: ${why}`;
}

/** One conversation with the model about the passages of one search. */
class Writer {
	private readonly verifier: Verifier;
	private readonly messages: ChatMessage[];

	constructor(
		query: string,
		private readonly passages: readonly Passage[],
		sources: readonly NumberedHit[],
		private readonly options: ModelSummaryOptions,
	) {
		this.verifier = new Verifier(sources);
		const shown = passages.map(({ text }, at) => passageText(at + 1, text));
		this.messages = [
			{ role: 'system', content: INSTRUCTIONS },
			{
				role: 'user',
				content: `Question: ${JSON.stringify(query)}\nAt most ${options.maxSentences} sentences.\n\n${shown.join('\n\n')}`,
			},
		];
	}

	/** @returns what the model wrote, checked; or, as text, why it wrote nothing */
	async write(): Promise<CitedSentence[] | string> {
		const { model, stage } = this.options;
		const { signal } = stage;
		const answer = model
			.chat({ messages: [...this.messages], responseFormat: { type: 'json' }, signal })
			.then(
				({ text }) => {
					this.messages.push({ role: 'assistant', content: text });
					return sentencesIn(text);
				},
				(error: unknown) => noSummary(messageOf(error)),
			);
		const late = stage.over.then(() => noSummary('it took too long.'));
		const written = await Promise.race([answer, late]);
		return typeof written === 'string' ? written : written.map((each) => this.checked(each));
	}

	/** Lets the model write once more what failed, told why; what was right stays as it is. */
	async repair(sentences: readonly CitedSentence[]): Promise<CitedSentence[]> {
		const failing = sentences.filter((sentence) => !isProven(sentence));
		if (failing.length === 0) return [...sentences];
		const reasons = failing.map(
			({ text, failed }) => `${JSON.stringify(text)}: ${failed.map(reasonOf).join('; ')}`,
		);
		this.messages.push({
			role: 'user',
			content: `These sentences are not borne out by their quotes:\n${reasons.join('\n')}\nWrite them anew, in the same JSON, or leave them out.`,
		});
		const again = await this.write();
		const mended = typeof again === 'string' ? [] : again;
		const known = new Set(sentences.filter(isProven).map(({ text }) => text));
		return [...sentences.filter(isProven), ...mended.filter(({ text }) => !known.has(text))];
	}

	private checked({ text: written, quotes }: WrittenSentence): CitedSentence {
		const text = plainSentence(written);
		const claimed = quotes.map(({ passage, quote }) => ({
			// A passage that was not shown is a source that does not exist.
			n: this.passages[passage - 1]?.n ?? 0,
			quote: quote.slice(0, MAX_QUOTE_CHARS),
		}));
		const checked = this.verifier.check(text, claimed);
		if (!ADDRESS.test(written)) return citedSentence(text, checked);
		return citedSentence(text, { ...checked, verdict: 'unsupported', failed: ['address'] });
	}
}

/** What looks like the address of a page: the model cannot know any. */
const ADDRESS =
	/\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\]\(|\bmailto:|\b[a-z0-9-]+\.(com|org|net|io|gov|edu)\b/i;

/** A sentence without the marks of citation and emphasis that models add. */
function plainSentence(text: string): string {
	return text
		.replace(/\s*\[\d+(?:\s*,\s*\d+)*\]/g, '')
		.replace(/\*\*|__|`/g, '')
		.replace(/\s+/g, ' ')
		.trim();
}

function passageText(number: number, text: string): string {
	// Drawn from the text, which cannot foresee it, so that the same search asks the same question.
	let drawn = 0;
	const newId = (): string => hashOf({ number, text, drawn: drawn++ });
	return `[${number}]\n${delimitUntrusted({ source: `passage ${number}`, text }, { newId })}`;
}

function sentencesIn(text: string): WrittenSentence[] | string {
	const parsed = answerSchema.safeParse(extractJson(text));
	if (!parsed.success) return noSummary('its answer is not the JSON that it was asked for.');
	return parsed.data.sentences.filter((sentence) => sentence.text.trim() !== '');
}

const REASONS: Readonly<Record<CitedSentence['failed'][number], string>> = {
	source: 'it names a passage that does not exist',
	quote: 'a quote does not stand in its passage word for word',
	numbers: 'it has a number, date or unit that its quotes do not have',
	names: 'it has a name that its quotes do not have',
	negation: 'it is negated where its quotes are not, or the other way round',
	direction: 'it says the opposite of its quotes',
	wording: 'most of its words are not in its quotes',
	address: 'it has an address in it',
};

function reasonOf(failed: CitedSentence['failed'][number]): string {
	return REASONS[failed];
}
