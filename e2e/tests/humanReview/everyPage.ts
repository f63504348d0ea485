/** Every page of Human Review, to be looked at. */
import { ITEM } from './fixture.ts';
import type { OpenReview, Parameters, ReviewFixture } from './fixture.ts';

/** A page to look at. */
export interface ReviewPageToVisit {
	name: string;
	url(): Promise<string>;
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
export async function everyPage(reviews: ReviewFixture): Promise<ReviewPageToVisit[]> {
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
	];
}
