/** Every page of Human Review, to be looked at. */
import { ITEM } from './fixture.ts';
import type { OpenReview, Parameters, ReviewFixture } from './fixture.ts';

/** A page to look at. */
export interface ReviewPageToVisit {
	name: string;
	url(): Promise<string>;
	/** What happens while the page is open. */
	meanwhile?(): Promise<unknown>;
	/** Value of the button that leads to it, or `details` for the part that is closed at first. */
	press?: string;
}

const kinds: Record<string, [Parameters, unknown[]?]> = {
	approval: [
		{ settings: { untrusted: true, timeLimit: 1, timeLimitUnit: 'days' } },
		[{ ...ITEM, note: 'to \u202eyap\u202c', list: [ITEM, ITEM] }],
	],
	batch: [{}, [ITEM, ITEM, ITEM]],
	choice: [
		{ responseType: 'choice', choices: { values: [{ label: 'Today' }, { label: 'Later' }] } },
	],
	edit: [{ responseType: 'edit' }],
	form: [
		{
			responseType: 'form',
			formFields: {
				values: [
					{ label: 'Amount', type: 'number', required: true, help: 'Without tax' },
					{ label: 'When', type: 'date' },
					{ label: 'Priority', type: 'choice', options: 'Low, High', required: true },
					{ label: 'Channels', type: 'choices', options: 'Mail, Slack' },
					{ label: 'Informed', type: 'yesNo' },
					{ label: 'Contact', type: 'email' },
					{ label: 'Reason', type: 'longText' },
				],
			},
		},
	],
	pin: [
		{
			reviewers: { values: [{ name: 'Ann', pin: '1234' }, { name: 'Ben' }] },
			settings: { votesToApprove: 2 },
		},
	],
	text: [{ responseType: 'text' }],
};

/** One review of every kind, with all the parts that its page may have. */
async function openEveryKind(
	reviews: ReviewFixture,
): Promise<Array<{ name: string; review: OpenReview }>> {
	const opened = [];
	for (const [name, [parameters, items]] of Object.entries(kinds)) {
		opened.push({ name, review: await reviews.open(parameters, items) });
	}
	return opened;
}

/** Every page there is: those of the kinds, and what people see who do not decide now. */
export async function everyPage(
	reviews: ReviewFixture,
	n8nUrl: string,
): Promise<ReviewPageToVisit[]> {
	const opened = await openEveryKind(reviews);
	const byKind = (name: string) => opened.find((each) => each.name === name)!.review;
	const people = await reviews.open({
		reviewers: {
			values: [
				{ name: 'Ann', pin: '4711' },
				{ name: 'Ben' },
				{ name: 'Eva', joins: 'later', joinsAfter: 90 },
			],
		},
		settings: { delegation: 'anyone', votesToApprove: 2 },
	});
	const { Ann = '', Ben = '', Eva = '' } = people.links;
	const pins = { pin: '4711', 'delegate-pin': '8282' };
	const handed = await reviews.vote(Ann, 'delegate', { ...pins, delegate: 'Kim' });
	const kim = /<pre[^>]*>([^<]+)<\/pre>/.exec(handed.html)![1]!.replaceAll('&amp;', '&');
	const standIns = await reviews.open({
		reviewers: { values: [{ name: 'Ann' }, { name: 'Kim', joins: 'standIn' }] },
	});
	const gone = await reviews.open({
		reviewers: { values: [{ name: 'Ann' }] },
		settings: { delegation: 'anyone' },
	});
	const back = await reviews.vote(gone.links.Ann!, 'delegate', { delegate: 'Kim' });
	const dead = /<pre[^>]*>([^<]+)<\/pre>/.exec(back.html)![1]!.replaceAll('&amp;', '&');
	await reviews.vote(gone.links.Ann!, 'takeBack');
	const locked = byKind('pin').links.Ann!;
	for (let tries = 0; tries < 6; tries++) await reviews.vote(locked, 'approve', { pin: '0' });
	const visit = (name: string, url: string, press?: string): ReviewPageToVisit => ({
		name,
		url: async () => await Promise.resolve(url),
		press,
	});
	return [
		...opened.map(({ name, review }) => visit(name, review.url)),
		visit('owner', byKind('approval').withdrawUrl),
		visit('pass-on', Ben, 'details'),
		visit('passed-on', Ann),
		visit('in-place-of', kim),
		visit('early', Eva),
		visit('stand-in', standIns.links.Kim!),
		visit('forbidden', dead),
		visit('problems', byKind('form').url, 'answer'),
		visit('saved', byKind('pin').links.Ben!, 'approve'),
		visit('locked', locked, 'approve'),
		{ name: 'receipt', url: async () => (await reviews.open()).url, press: 'approve' },
		...(await publishedPages(reviews, await reviews.publishPage(n8nUrl))),
	];
}

/** What people see after others were faster, and after all is over. */
async function publishedPages(
	reviews: ReviewFixture,
	pageUrl: string,
): Promise<ReviewPageToVisit[]> {
	const settings = { pageUrl };
	const [ended, late, withdrawn] = [
		await reviews.open({ settings }),
		await reviews.open({ settings }),
		await reviews.open({ settings }),
	];
	const shortly = { ...settings, timeLimit: 1, timeLimitUnit: 'seconds' };
	const expired = await reviews.open({ settings: shortly });
	const two = { values: [{ name: 'Ann' }, { name: 'Ben' }] };
	const quorum = { settings: { ...settings, votesToApprove: 2 }, reviewers: two };
	const edited = await reviews.open({ ...quorum, responseType: 'edit' });
	const { Ann: ann = '', Ben: ben = '' } = edited.links;
	const edit = async (title: string) =>
		await reviews.vote(ann, 'approve', { 'value-0': JSON.stringify({ ...ITEM, title }) });
	await edit('Invoice 4712');
	const batch = await reviews.open({ settings }, [ITEM, ITEM, ITEM]);
	const some = { 'decision-0': 'approve', 'decision-1': 'reject' };
	await reviews.vote(batch.url, 'each', some);
	await reviews.decide(ended, 'approve');
	await reviews.decide({ ...withdrawn, url: withdrawn.withdrawUrl }, 'withdraw');
	const visit = (name: string, url: string, more: Partial<ReviewPageToVisit> = {}) => ({
		name,
		url: async () => await Promise.resolve(url),
		...more,
	});
	return [
		visit('changes', ben),
		visit('stale', ben, {
			meanwhile: async () => await edit('Invoice 4713'),
			press: 'approve',
		}),
		visit('part-decided', batch.url),
		visit('ended', ended.url),
		visit('too-late', late.url, {
			meanwhile: async () => await reviews.decide(late, 'reject'),
			press: 'approve',
		}),
		visit('withdrawn', withdrawn.url),
		visit('expired', expired.url),
		visit('invalid-link', `${ended.url}0`),
	];
}
