import { z } from 'zod';

import { parse, parseJson } from '../core';
import type { Store } from '../store';
import { reviewLink } from './links';
import { reviewRequestSchema } from './request';

/** Where desks are kept that a page of their own serves. Whoever reads them can make links. */
const COLLECTION = 'reviewDesks';

const keptDeskSchema = z.object({
	version: z.literal(1),
	request: reviewRequestSchema,
	/** The run that the review belongs to. */
	runId: z.string(),
	/** Links, page numbers and PINs are checked with it. */
	secret: z.string(),
	/** Address of the page that serves the review. */
	pageUrl: z.string(),
	/** Address at which the workflow waits to hear that the review is over. */
	deliveryUrl: z.string(),
});

/** What a published page needs to answer for a review, also when its workflow has gone on. */
export type KeptDesk = z.infer<typeof keptDeskSchema>;

/** Keeps a desk as long as the run of its review. */
export async function keepDesk(store: Store, desk: KeptDesk): Promise<void> {
	const { runId, request } = desk;
	const value = JSON.stringify(desk);
	const { requestId: id } = request;
	await store.put({ collection: COLLECTION, id, version: 'any', value, runId });
}

/** The desk of a review; `undefined` when there is none, or no more. */
export async function readDesk(store: Store, requestId: string): Promise<KeptDesk | undefined> {
	const document = await store.get(COLLECTION, requestId);
	return document && parse(keptDeskSchema, parseJson(document.value), 'Desk of a review');
}

/** The address of a review on a published page, for somebody; an empty id is whoever has it. */
export function pageLink(
	{ pageUrl, secret, request }: Pick<KeptDesk, 'pageUrl' | 'secret' | 'request'>,
	reviewer: string,
): string {
	const { requestId } = request;
	const { code } = reviewLink(secret, requestId, reviewer);
	const url = new URL(pageUrl);
	url.searchParams.set('review', requestId);
	if (reviewer !== '') url.searchParams.set('reviewer', reviewer);
	url.searchParams.set('code', code);
	return url.href;
}
