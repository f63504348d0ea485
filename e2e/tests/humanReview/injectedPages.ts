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

/** What the workflow brings, and long texts that reviewers type: all injections on each page. */
export function dataPages(reviews: ReviewFixture, injections: string[]): InjectedPage[] {
	const all = injections.join('\n');
	const item = { [all.slice(0, 300)]: injections, text: all };
	const labels = injections.map((text, index) => ({ label: `${index} ${text.slice(0, 400)}` }));
	const names = injections.map((text, index) => `${index} ${text}`.slice(0, 95).trim());
	const standIns = [...new Set(names)].map((name) => ({ name, joins: 'standIn' }));
	const options = [...new Set(injections.map((text) => text.replaceAll(',', ';').trim()))];
	const opened = (place: string, parameters: Parameters, items: unknown[] = [item]) => ({
		place,
		open: async () => await reviews.open(parameters, items),
	});
	return [
		opened('payload', { settings: { untrusted: true } }),
		opened('payload as text', { settings: { format: 'text' } }),
		opened('payload as JSON', {
			payload: '={{ [$json] }}',
			settings: { format: 'json' },
		}),
		opened('payload as Markdown', {
			payload: '={{ $json.text }}',
			settings: { format: 'markdown' },
		}),
		opened('table', { payload: '={{ $json.rows }}' }, [
			{ rows: injections.map((text) => ({ text, again: text })) },
		]),
		opened(
			'labels of items',
			{},
			injections.map((title) => ({ title })),
		),
		opened('message', { message: all }),
		opened('edit', { responseType: 'edit' }),
		opened('choice', { responseType: 'choice', choices: { values: labels } }),
		opened('form', {
			responseType: 'form',
			formFields: {
				values: labels.map(({ label }) => ({ label, help: label, initial: label })),
			},
		}),
		opened('options of a form', {
			responseType: 'form',
			formFields: { values: [{ label: 'Which', type: 'choices', options: options.join(',') }] },
		}),
		opened('stand-ins', { reviewers: { values: [{ name: 'Ann' }, ...standIns] } }),
		{ place: 'changes', open: async () => await withChanges(reviews, item) },
		{
			place: 'what was typed',
			open: async () => await reviews.open({ responseType: 'form', formFields: twoFields }),
			fill: async (page) => {
				await page.locator('textarea').first().fill(all);
				await page.locator('#comment').fill(all.slice(0, 9000));
				await page.locator('#reviewer-name').fill(all.slice(0, 150).replaceAll('\n', ' '));
				await page.locator('button[value=answer]').click();
			},
		},
		{
			place: 'what is wrong with it',
			open: async () => await reviews.open({ responseType: 'edit' }),
			fill: async (page) => {
				await page.locator('textarea').first().fill(all);
				await page.locator('button[value=approve]').click();
			},
		},
	];
}

const twoFields = {
	values: [
		{ label: 'Text', type: 'longText' },
		{ label: 'Sum', required: true },
	],
};

const people = { values: [{ name: 'Ann' }, { name: 'Ben' }] };

/** A review as the second reviewer sees it, when the first has edited the data. */
async function withChanges(reviews: ReviewFixture, item: unknown): Promise<OpenReview> {
	const settings = { votesToApprove: 2 };
	const edit = { responseType: 'edit', reviewers: people, settings };
	const review = await reviews.open(edit, [{ text: 'Before.' }]);
	await reviews.vote(review.links.Ann!, 'approve', { 'value-0': JSON.stringify(item) });
	return { ...review, url: review.links.Ben! };
}

/**
 * Short texts: the title, the names of who asks and of who decides, and what reviewers type, as it
 * comes back to them and to others. They hold only a share of the injections each.
 *
 * @param count - how many of the shares to show
 */
export function shortPages(
	reviews: ReviewFixture,
	injections: string[],
	count: number,
): InjectedPage[] {
	// By the word before them they are found again.
	const shares = (length: number) =>
		sharesOf(injections, length - 6)
			.slice(0, count)
			.map((text) => `pwned ${text}`);
	return [...namePages(reviews, shares(95)), ...typedPages(reviews, shares(180))];
}

function namePages(reviews: ReviewFixture, shares: string[]): InjectedPage[] {
	const parameters = {
		reviewers: { values: [{ name: '={{ $json.text }}' }] },
		settings: { title: '={{ $json.text }}', requester: '=Who asks: {{ $json.text }}' },
	};
	return shares.map((text) => ({
		place: 'title and names',
		open: async () => await reviews.open(parameters, [{ text }]),
	}));
}

function typedPages(reviews: ReviewFixture, shares: string[]): InjectedPage[] {
	const lines = (text: string) => text.replaceAll(/[\t\n]/g, ' ');
	return shares.flatMap((text): InjectedPage[] => [
		{
			place: 'passed on',
			open: async () =>
				await reviews.open({ reviewers: people, settings: { delegation: 'anyone' } }),
			fill: async (page) => {
				await page.locator('details.pass-on summary').click();
				await page.locator('#delegate').fill(lines(text));
				await page.locator('button[value=delegate]').click();
			},
		},
		{
			place: 'receipt',
			open: async () => await reviews.open(),
			fill: async (page) => {
				await page.locator('#reviewer-name').fill(lines(text));
				await page.locator('button[value=approve]').click();
			},
		},
	]);
}
