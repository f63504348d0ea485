/** Fills in and submits a review page over HTTP, field by field as a browser would. */

export interface Submission {
	status: number;
	html: string;
}

const entities: Record<string, string> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	'#39': "'",
	'#x27': "'",
};

const decoded = (text: string): string =>
	text.replace(/&(#?\w+);/g, (whole, name: string) => entities[name.toLowerCase()] ?? whole);

const attribute = (tag: string, name: string): string | undefined => {
	const match = new RegExp(`\\s${name}(?:="([^"]*)"|(?=[\\s>/]))`, 'i').exec(tag);
	return match ? decoded(match[1] ?? '') : undefined;
};

const tagsIn = (html: string, name: string): string[] =>
	html.match(new RegExp(`<${name}\\b[^>]*>`, 'gi')) ?? [];

/** Inputs that are sent without anybody touching them. */
function fieldsOf(form: string): URLSearchParams {
	const fields = new URLSearchParams();
	for (const tag of tagsIn(form, 'input')) {
		const name = attribute(tag, 'name');
		const type = attribute(tag, 'type') ?? 'text';
		const isChoice = type === 'radio' || type === 'checkbox';
		if (!name || type === 'submit' || (isChoice && attribute(tag, 'checked') === undefined))
			continue;
		fields.append(name, attribute(tag, 'value') ?? (isChoice ? 'on' : ''));
	}
	for (const [, tag = '', content = ''] of form.matchAll(
		/(<textarea\b[^>]*>)([\s\S]*?)<\/textarea>/gi,
	)) {
		const name = attribute(tag, 'name');
		// As in a browser, a line break right behind the tag does not count.
		if (name) fields.append(name, decoded(content.replace(/^\r?\n/, '')));
	}
	return fields;
}

/** The button whose value or text says what we want, e.g. `approve`. */
function buttonFor(form: string, wanted: string): string {
	const buttons = [...form.matchAll(/<button\b[^>]*>([\s\S]*?)<\/button>/gi)];
	const found = buttons.find(
		([whole, text = '']) =>
			attribute(whole, 'value')?.toLowerCase() === wanted || text.trim().toLowerCase() === wanted,
	);
	if (!found) throw new Error(`The review page has no button "${wanted}".`);
	return found[0];
}

/**
 * Loads the page and submits its form with one of its buttons.
 *
 * @param wanted - value or text of the button, e.g. `approve`
 * @param filled - fields to fill in first
 */
export async function submitReview(
	url: string,
	wanted: string,
	filled: Record<string, string> = {},
): Promise<Submission> {
	const page = await fetch(url);
	const html = await page.text();
	const form = /<form\b[^>]*>[\s\S]*?<\/form>/i.exec(html)?.[0];
	if (!page.ok || !form)
		throw new Error(`The review page was answered with ${page.status} and no form.`);

	const fields = fieldsOf(form);
	for (const [name, value] of Object.entries(filled)) fields.set(name, value);
	const button = buttonFor(form, wanted);
	const name = attribute(button, 'name');
	if (name) fields.set(name, attribute(button, 'value') ?? '');

	const action = new URL(attribute(tagsIn(form, 'form')[0] ?? '', 'action') || url, url);
	const answer = await fetch(action, { method: 'POST', body: fields });
	return { status: answer.status, html: await answer.text() };
}
