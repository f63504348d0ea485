import { answerReviewCall, memoryStore, openRequest, reviewLink } from '../../../lib';
import type { FormBody, ReviewDesk, ReviewDraft, ReviewReply, ReviewRequest } from '../../../lib';
import { nonceIn } from './pages';

/** Anything but the defaults of the draft. */
export type DraftChanges = Partial<ReviewDraft>;

export const NOON = Date.UTC(2026, 10, 20, 12);
export const PAYLOAD = { brief: 'The tram opens in 2031.', cost: 500 };

export function draft(changes: DraftChanges = {}): ReviewDraft {
	return {
		requestId: 'review-1',
		kind: 'approval',
		title: 'Brief',
		items: [{ payload: PAYLOAD }],
		openedAt: NOON,
		...changes,
	};
}

/** A review at a desk whose clock is set by hand. */
export class TestDesk {
	now = NOON;
	readonly request: ReviewRequest;
	readonly desk: ReviewDesk;
	private ids = 0;

	constructor(changes: DraftChanges = {}) {
		this.request = openRequest(draft(changes));
		this.desk = {
			request: this.request,
			store: memoryStore({ now: () => this.now }),
			runtime: { now: () => this.now, newId: () => `id${++this.ids}` },
			secret: 'key of this n8n',
			runId: 'run-1',
		};
	}

	async get(reviewer = '', headers: Record<string, string> = {}): Promise<ReviewReply> {
		return await this.call('GET', { reviewer, headers });
	}

	/** Opens the page and sends its form. */
	async submit(fields: Record<string, string>, reviewer = ''): Promise<ReviewReply> {
		const nonce = nonceIn((await this.get(reviewer)).html);
		return await this.post({ nonce, ...fields }, reviewer);
	}

	async post(
		fields: Record<string, string> | FormBody,
		reviewer = '',
		headers: Record<string, string> = {},
	): Promise<ReviewReply> {
		const body = isBody(fields) ? fields : { fields: new URLSearchParams(fields) };
		const reply = await this.call('POST', { reviewer, headers, body });
		// Whoever is refused has not decided anything.
		if (reply.status >= 400) expect(reply.closed).toBeUndefined();
		return reply;
	}

	async call(
		method: string,
		options: {
			reviewer?: string;
			code?: string;
			headers?: Record<string, string>;
			body?: FormBody;
		} = {},
	): Promise<ReviewReply> {
		const { reviewer = '', headers = {}, body = { refused: 'unreadable' } } = options;
		const link = reviewLink(this.desk.secret, this.request.requestId, reviewer);
		return await answerReviewCall(
			{
				method,
				headers,
				link: { ...link, code: options.code ?? link.code },
				readForm: async () => await Promise.resolve(body),
			},
			this.desk,
		);
	}
}

function isBody(value: Record<string, string> | FormBody): value is FormBody {
	return ('fields' in value && typeof value.fields === 'object') || 'refused' in value;
}
