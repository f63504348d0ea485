import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { HumanReview } from '../../../nodes/HumanReview/HumanReview.node';
import { TestInstance, chain, node, start } from '../../harness';
import type { Execution, TestResponse } from '../../harness';

/** A waiting review, and what people and machines may do to it. */
export interface OpenReview {
	instance: TestInstance;
	execution: Execution;
	/** The address that the execution shows. */
	url: string;
	/** The page, as a browser gets it. */
	open(url?: string): Promise<TestResponse>;
	/** Opens the page and sends its form with these fields. */
	submit(fields: Record<string, string>, url?: string): Promise<TestResponse>;
	/** Sends fields without opening the page. */
	post(fields: Record<string, string>, url?: string, headers?: object): Promise<TestResponse>;
}

export const ITEM = { title: 'Brief', text: 'The tram opens in 2031.', cost: 500 };

const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** Runs a workflow with one Human Review until it waits. */
export async function openReview(
	parameters: INodeParameters = {},
	input: INodeExecutionData[] = [{ json: ITEM }],
): Promise<OpenReview> {
	const instance = new TestInstance();
	const execution = await instance.run(
		{
			nodes: [
				start(),
				node('Review', new HumanReview(), { message: 'Please check **this**.', ...parameters }),
			],
			connections: chain('Start', 'Review'),
		},
		{ input },
	);
	const metadata = (execution.run?.data.resultData.runData.Review?.[0]?.metadata ?? {}) as {
		resumeUrl?: string;
	};
	const url = metadata.resumeUrl ?? '';
	const open = async (address = url) => await instance.request(address);
	const post = async (fields: Record<string, string>, address = url, headers = {}) =>
		await instance.request(address, {
			method: 'POST',
			body: fields,
			headers: { ...FORM_TYPE, ...headers },
		});
	return {
		instance,
		execution,
		url,
		open,
		post,
		submit: async (fields, address = url) =>
			await post({ nonce: nonceOf(await open(address)), ...fields }, address),
	};
}

/** Addresses of named reviewers, by name. */
export function linksOf({ execution }: OpenReview): Record<string, string> {
	const { reviewLinks } = execution.task('Review').metadata as unknown as {
		reviewLinks: Array<{ reviewer: string; url: string }>;
	};
	return Object.fromEntries(reviewLinks.map(({ reviewer, url }) => [reviewer, url]));
}

export function nonceOf({ body }: TestResponse): string {
	return /name="nonce" value="([^"]+)"/.exec(String(body))?.[1] ?? '';
}
