/** Pages that show, in every place there is, what must not run. */
import type { Page } from 'playwright-core';
import type { OpenReview, Parameters, ReviewFixture } from './fixture.ts';

/** Texts of at most a length that together hold all the given ones, but those that are longer. */
function sharesOf(texts: string[], length: number): string[] {
	const shares: string[] = [''];
	for (const text of texts.filter((each) => each.length <= length)) {
		const joined = `${shares.at(-1)} ${text}`.trim();
		if (joined.length <= length) shares[shares.length - 1] = joined;
		else shares.push(text);
	}
	return shares;
}

/** A page that shows what must not run. */
export interface InjectedPage {
	place: string;
	open(): Promise<OpenReview>;
	/** Leads to the page that shows it, when it has to be typed first. */
	fill?(page: Page): Promise<void>;
}

/** Pages that show all injections in one place each. */
export function injectedPages(
	reviews: ReviewFixture,
	injections: string[],
	shares: number,
): InjectedPage[] {
	const all = injections.join('\n');
	const item = { [all.slice(0, 300)]: injections, text: all };
	const labels = injections.map((text, index) => ({ label: `${index} ${text.slice(0, 400)}` }));
	const names = injections.map((text, index) => `${index} ${text}`.slice(0, 95).trim());
	const standIns = [...new Set(names)].map((name) => ({ name, joins: 'standIn' }));
	const people = { values: [{ name: 'Ann' }, { name: 'Ben' }] };
	const opened = (place: string, parameters: Parameters): InjectedPage => ({
		place,
		open: async () => await reviews.open(parameters, [item]),
	});
	return [
		opened('payload', { settings: { untrusted: true } }),
		opened('payload as Markdown', {
			payload: '={{ $json.text }}',
			settings: { format: 'markdown' },
		}),
		opened('message', { message: all }),
		// Titles and names of requesters are short: some pages with a share of the payloads each.
		...sharesOf(injections, 280)
			.slice(0, shares)
			.flatMap((text) => [
				opened('title', { settings: { title: text } }),
				opened('requester', { settings: { requester: text } }),
			]),
		opened('edit', { responseType: 'edit' }),
		opened('choice', { responseType: 'choice', choices: { values: labels } }),
		opened('form', {
			responseType: 'form',
			formFields: {
				values: labels.map(({ label }) => ({ label, help: label, initial: label })),
			},
		}),
		opened('stand-ins', { reviewers: { values: [{ name: 'Ann' }, ...standIns] } }),
		{
			place: 'changes',
			open: async () => {
				const settings = { votesToApprove: 2 };
				const edit = { responseType: 'edit', reviewers: people, settings };
				const review = await reviews.open(edit, [{ text: 'Before.' }]);
				const value = { 'value-0': JSON.stringify(item) };
				await reviews.vote(review.links.Ann!, 'approve', value);
				return { ...review, url: review.links.Ben! };
			},
		},
		{
			place: 'what was typed',
			open: async () => {
				const values = [
					{ label: 'Text', type: 'longText' },
					{ label: 'Sum', required: true },
				];
				return await reviews.open({ responseType: 'form', formFields: { values } });
			},
			fill: async (page) => {
				await page.locator('textarea').first().fill(all);
				await page.locator('#reviewer-name').fill(all.slice(0, 150).replaceAll('\n', ' '));
				await page.locator('button[value=answer]').click();
			},
		},
		{
			place: 'passed on',
			open: async () =>
				await reviews.open({ reviewers: people, settings: { delegation: 'anyone' } }),
			fill: async (page) => {
				await page.locator('details.pass-on summary').click();
				await page.locator('#delegate').fill(injections.slice(0, 3).join(' ').slice(0, 190));
				await page.locator('button[value=delegate]').click();
			},
		},
		{
			place: 'receipt',
			open: async () => await reviews.open(),
			fill: async (page) => {
				await page.locator('#reviewer-name').fill(injections.slice(0, 3).join(' ').slice(0, 190));
				await page.locator('button[value=approve]').click();
			},
		},
	];
}
