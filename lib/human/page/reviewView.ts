import type { ReviewRequest } from '../request';
import type { ReviewState } from '../state';
import type { Visitor } from '../visitor';
import type { Typed } from './controls';
import type { Reader } from './layout';

/** Everything a review page shows. */
export interface ReviewView {
	reader: Reader;
	request: ReviewRequest;
	state: ReviewState;
	/** Who opened the link: to decide, or to take back what they asked for. */
	visitor: Visitor;
	/** The page's number, to be sent back once. */
	nonce: string;
	typed: Typed;
	/** What to say above all, e.g. that something must be corrected. */
	notice?: string;
}

/** Whether whoever asked has opened the page. */
export function isOwner({ visitor }: ReviewView): boolean {
	return visitor.role === 'owner';
}
