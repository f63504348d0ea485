import { codeFor, equalInConstantTime } from './secret';

/** Name of the clock in its own link, which only the node itself holds. */
export const CLOCK = '@clock';

/** Name in the link of whoever asked, who may take the request back but not decide it. */
export const OWNER = '@owner';

/** Name in the link by which a review that is over elsewhere is brought to its workflow. */
export const DELIVERY = '@delivery';

/** The part of an address that says who opens it, and proves it. */
export interface ReviewLink {
	/** Reviewer's id; empty for whoever has the link. */
	reviewer: string;
	code: string;
}

/** A link for one reviewer of one request. It fits no other reviewer and no other request. */
export function reviewLink(secret: string, requestId: string, reviewer: string): ReviewLink {
	return { reviewer, code: codeFor(secret, 'link', [requestId, reviewer]) };
}

/** Whether a link is one that {@link reviewLink} made for this request. */
export function isGenuine(secret: string, requestId: string, link: ReviewLink): boolean {
	return equalInConstantTime(reviewLink(secret, requestId, link.reviewer).code, link.code);
}

/** What is kept of a PIN: of no use without the secret. */
export function pinCode(secret: string, reviewer: string, pin: string): string {
	return codeFor(secret, 'pin', [reviewer, pin]);
}
