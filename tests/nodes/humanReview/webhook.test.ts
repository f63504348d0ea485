import { HumanReview } from '../../../nodes/HumanReview/HumanReview.node';
import { readForm } from '../../../nodes/HumanReview/requestBody';

/** A webhook context in which nearly everything is missing. */
function brokenContext(parts: object) {
	return {
		getRequestObject: () => ({ method: 'POST', headers: {} }),
		getHeaderData: () => ({}),
		...parts,
	} as never;
}

describe('the webhook of Human Review', () => {
	it('answers 503 and lets the execution wait when the node does not wait or has lost its data', async () => {
		const sent: unknown[] = [];
		const response = {
			status: (code: number) => sent.push(code),
			setHeader: () => undefined,
			end: (page: string) => sent.push(page.includes('Please try again')),
		};
		const { webhook } = new HumanReview();
		for (const executeData of [undefined, { metadata: {} }, { metadata: { humanReview: 1 } }]) {
			const context = brokenContext({ executeData, getResponseObject: () => response });
			await expect(webhook.call(context)).resolves.toEqual({ noWebhookResponse: true });
		}
		expect(sent).toEqual([503, true, 503, true, 503, true]);
	});

	it('does not throw when nothing can be sent at all, for that would continue the workflow', async () => {
		const getResponseObject = () => {
			throw new Error('The connection is closed.');
		};
		const context = brokenContext({ getResponseObject });
		await expect(new HumanReview().webhook.call(context)).resolves.toEqual({
			noWebhookResponse: true,
		});
	});
});

describe('readForm', () => {
	const FORM = 'application/x-www-form-urlencoded';
	const request = (type: string | undefined, parts: object = {}) =>
		({ headers: { 'content-type': type }, ...parts }) as never;
	const raw = (text: string) => {
		const read: { rawBody?: Uint8Array; readRawBody: () => Promise<void> } = {
			readRawBody: async () => {
				read.rawBody = await Promise.resolve(new TextEncoder().encode(text));
			},
		};
		return read;
	};

	it('reads a form from the body that n8n has not looked at', async () => {
		const read = raw('decision=approve&comment=a%20b&x=1&x=2');
		const body = await readForm(
			Object.assign(read, { headers: { 'content-type': FORM } }) as never,
		);
		expect('fields' in body && [...body.fields]).toEqual([
			['decision', 'approve'],
			['comment', 'a b'],
			['x', '1'],
			['x', '2'],
		]);
	});

	it('reads JSON of texts, and refuses any other JSON', async () => {
		const json = async (text: string) =>
			await readForm(
				Object.assign(raw(text), { headers: { 'content-type': 'application/json' } }) as never,
			);
		const good = await json('{"decision":"approve","field-x":["a","b"]}');
		expect('fields' in good && good.fields.getAll('field-x')).toEqual(['a', 'b']);
		for (const bad of ['[]', '1', '{', '{"a":1}', '{"a":{"$ne":1}}', 'null', '']) {
			expect(await json(bad)).toEqual({ refused: 'unreadable' });
		}
	});

	it.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml', '', undefined])(
		'refuses the type %j',
		async (type) => {
			expect(await readForm(request(type))).toEqual({ refused: 'wrongType' });
		},
	);

	it('refuses what is too large, said or unsaid', async () => {
		const said = { headers: { 'content-type': FORM, 'content-length': String(5_000_000) } };
		expect(await readForm(said as never)).toEqual({ refused: 'tooLarge' });
		const unsaid = Object.assign(raw('a'.repeat(4_200_000)), { headers: { 'content-type': FORM } });
		expect(await readForm(unsaid as never)).toEqual({ refused: 'tooLarge' });
		const limit = Object.assign(new Error('too large'), { status: 413 });
		const stopped = request(FORM, { readRawBody: async () => await Promise.reject(limit) });
		expect(await readForm(stopped)).toEqual({ refused: 'tooLarge' });
	});

	it('takes a connection that breaks off for unreadable', async () => {
		const broken = async () => await Promise.reject(new Error('aborted'));
		expect(await readForm(request(FORM, { readRawBody: broken }))).toEqual({
			refused: 'unreadable',
		});
	});
});
