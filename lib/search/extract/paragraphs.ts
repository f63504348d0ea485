import { MIN_PARAGRAPH } from './blocks';
import type { Block } from './blocks';
import { isHeading } from './tree';

/** Lines that are on many pages and part of no article. */
const BOILERPLATE_LINE = new RegExp(
	'^(share( this)?|tweet|email|print|advertisement|anzeige|werbung|sponsored|read more|weiterlesen|' +
		'mehr( zum thema)?|related( articles| stories| topics)?|subscribe|sign up|follow us|comments?|' +
		'kommentare?|leave a (reply|comment)|tags?:?|schlagwörter|copyright|all rights reserved|©.*|' +
		'loading.*|click here.*|photo:? .{0,60}|image (source|caption|copyright).{0,80}|via .{0,40}|' +
		'more from .{0,60}|see also.*|recommended.*|most (read|popular).*|advertise.*|newsletter.*|' +
		'story continues below.*|continue reading.*|watch:? .*)$',
	'i',
);

/** The blocks of an article without what is on many pages and part of none. */
export function paragraphsOf(blocks: readonly Block[], title: string): Block[] {
	return trimEnds(withoutRelated(keepParagraphs(blocks, title)));
}

function keepParagraphs(blocks: readonly Block[], title: string): Block[] {
	const kept: Block[] = [];
	for (const block of blocks) {
		const repeatsTitle = kept.length < 3 && isTitle(block, title);
		if (!repeatsTitle && isKept(block)) kept.push(block);
	}
	return kept;
}

function isTitle({ text, owner }: Block, title: string): boolean {
	return owner.name === 'h1' && title.toLowerCase().includes(text.toLowerCase().slice(0, 60));
}

function isKept({ text, linked, owner }: Block): boolean {
	const { length } = text;
	if (isHeading(owner)) return linked < (length > 40 ? 0.9 : 0.6);
	if (length < 4 || BOILERPLATE_LINE.test(text)) return false;
	if (owner.name === 'li' && linked > 0.6) return false;
	return !(linked > 0.85 && length < 250) && !(linked > 0.5 && length < 80);
}

/** Headings above what else there is to read, in the languages of most pages. */
const RELATED_HEADING = new RegExp(
	'^(related|more (from|on|in|great|stories|news|articles|posts|like)|also (read|see|on)|you (may|might)|read (more|next|also)|' +
		'recommended|trending|most (read|popular)|popular|up next|keep reading|latest (news|stories)|' +
		'(other|similar) (articles|posts|stories|news)|what to read|' +
		'weitere (artikel|themen|meldungen|nachrichten|beiträge)|mehr (zum|aus|von|artikel)|das könnte|lesen sie|auch interessant|' +
		'(verwandte|ähnliche) (artikel|beiträge|themen)|você pode|leia (mais|também)|veja (mais|também)|' +
		'(artículos|noticias|entradas|artigos|posts) relacionad|te puede|también te|lee también|' +
		'à lire|lire aussi|articles (similaires|liés|connexes)|leggi anche|potrebbe|articoli correlati|' +
		'lees (ook|meer)|gerelateerd|читайте|смотрите также|похожие|関連|相关)',
	'i',
);

/** Longest text below such a heading that is still one of the other things. */
const MAX_TEASER = 150;

/** Without headings that announce other things to read, and those things. */
function withoutRelated(blocks: readonly Block[]): readonly Block[] {
	let isRelated = false;
	return blocks.filter(({ text, owner, linked }) => {
		if (isHeading(owner)) isRelated = text.length < 80 && RELATED_HEADING.test(text);
		else if (text.length > MAX_TEASER && linked < 0.3) isRelated = false;
		return !isRelated;
	});
}

/** Without the scraps before the first and after the last real paragraph. */
function trimEnds(blocks: readonly Block[]): Block[] {
	const lastParagraph = blocks.findLastIndex(
		({ text, linked }) => text.length > 80 && linked < 0.4,
	);
	let end = blocks.length;
	while (end - 1 > lastParagraph && isTail(blocks[end - 1]!)) end--;
	let start = 0;
	while (start < Math.min(end, 6) && isScrap(blocks[start]!)) start++;
	return blocks.slice(start, end);
}

function isTail({ text, linked, owner, isProse }: Block): boolean {
	if (isHeading(owner) || linked > 0.3) return true;
	if (text.length < 60 && owner.name !== 'tr' && !(isProse && linked < 0.1)) return true;
	const legal = /©|copyright|all rights|newsletter|subscribe|follow us|cookies?/i;
	return text.length < 200 && legal.test(text);
}

function isScrap({ text, owner }: Block): boolean {
	if (isHeading(owner) || owner.name === 'tr') return false;
	return text.length < 50 && !/[.!?:"”]$/.test(text);
}

/** Blocks between the headline and the article, at most, among which the lead is looked for. */
const LEAD_WITHIN = 10;

/** The lead, which often stands beside the article, below the headline. */
export function leadOf(blocks: readonly Block[], first: number): Block[] {
	const headline = blocks.findLastIndex(({ owner }, at) => at < first && owner.name === 'h1');
	if (headline === -1 || first - headline > LEAD_WITHIN) return [];
	return blocks.slice(headline + 1, first).filter(isLead);
}

function isLead({ text, linked, owner, isProse }: Block): boolean {
	if (['figcaption', 'li', 'tr'].includes(owner.name)) return false;
	return isProse && linked < 0.2 && text.length >= MIN_PARAGRAPH;
}
