/** What machines and attackers send to the address of a review. */
import type { ReviewFixture } from './fixture.ts';
import { malformed } from './malformed.ts';
import { agents } from './userAgents.ts';

/** A text with another character at a place. */
export const altered = (text: string, at: number): string =>
	text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);

/** Opens a page as every user agent does, with GET and HEAD. @returns the statuses */
export async function scan(url: string, rounds: number): Promise<number[]> {
	const statuses: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const looks = agents.flatMap((agent) =>
			['GET', 'HEAD'].map(async (method) => {
				const answer = await fetch(url, { method, headers: { 'user-agent': agent } });
				await answer.arrayBuffer();
				return answer.status;
			}),
		);
		statuses.push(...(await Promise.all(looks)));
	}
	return statuses;
}

/**
 * Approves by links of which one character is another, with the number of a genuine page.
 *
 * @param parts - names of the parts of the address that are changed, in turn
 * @returns the statuses
 */
export async function forge(
	reviews: ReviewFixture,
	url: string,
	parts: readonly string[],
	count: number,
): Promise<number[]> {
	const { nonce } = await reviews.page(url);
	const statuses: number[] = [];
	for (let i = 0; i < count; i++) {
		const forged = new URL(url);
		const part = parts[i % parts.length]!;
		const value = forged.searchParams.get(part) ?? 'x';
		forged.searchParams.set(part, altered(value, i % value.length));
		const { status } = await reviews.post(forged.href, { nonce, decision: 'approve' });
		statuses.push(status);
	}
	return statuses;
}

/** Sends everything that is no submitted page. @returns the statuses by what was sent */
export async function sendMalformed(
	url: string,
	rounds: number,
): Promise<Array<{ name: string; status: number }>> {
	const sent: Array<{ name: string; status: number }> = [];
	for (let round = 0; round < rounds; round++) {
		for (const { name, init } of malformed()) {
			const answer = await fetch(url, { method: 'POST', ...init });
			await answer.arrayBuffer();
			sent.push({ name, status: answer.status });
		}
	}
	return sent;
}
