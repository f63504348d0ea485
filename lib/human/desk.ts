import type { Runtime } from '../core';
import type { Store } from '../store';
import type { ReviewLink } from './links';
import type { ReviewRequest } from './request';
import type { CallHeaders } from './sameOrigin';

/** What was sent: fields of a form, or why there are none. */
export type FormBody =
	| { fields: URLSearchParams }
	| { refused: 'tooLarge' | 'wrongType' | 'unreadable' };

/** A request to the address of a review. */
export interface ReviewCall {
	/** In upper case. Only POST can change anything. */
	method: string;
	headers: CallHeaders;
	link: ReviewLink;
	/** Reads the body; only called for a POST. */
	readForm(): Promise<FormBody>;
}

/** What is needed to answer: the request, where its state is kept, and the key of its links. */
export interface ReviewDesk {
	request: ReviewRequest;
	store: Store;
	runtime: Pick<Runtime, 'now' | 'newId'>;
	/** Known to this n8n alone; links, page numbers and PINs are checked with it. */
	secret: string;
	/** The run that the review belongs to. */
	runId: string;
	/** The address of the page for somebody; needed where votes may be passed on. */
	urlOf?: (reviewer: string) => string;
	/**
	 * Sends somebody the link to a vote that was passed on to them.
	 *
	 * @returns whether it was sent; if not, the reviewer is shown the link, to hand it over
	 */
	sendLink?: (delegation: PassedOn) => Promise<boolean>;
	/** Whether the workflow is known to have gone on, so that nothing more is brought to it. */
	hasGoneOn?: boolean;
	/** Addresses under which this n8n is reached. */
	ownOrigins?: readonly string[];
}

/** A vote that was passed on, for who is told of it. */
export interface PassedOn {
	/** Who answers now. */
	to: { id: string; name: string };
	/** Name of the reviewer whose vote it is. */
	onBehalfOf: string;
	/** Address of the page for who answers now. */
	url: string;
}
