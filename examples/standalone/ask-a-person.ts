/**
 * Asks a person in the middle, checks the answer, asks again if need be, and takes a default when
 * nobody answers in ten seconds.
 *
 *     node examples/standalone/ask-a-person.ts
 */
import { createInterface } from 'node:readline';

import { Agent } from '../../dist/lib/index.js';
import { nodeRuntime } from '../../dist/lib/host/index.js';

const agent = new Agent('review', { runtime: nodeRuntime() });

agent
	.addState('draft', (context) => {
		context.set('draft', 'Our new product is out!');
		return 'review';
	})
	.addState('review', async (context) => {
		const score = await context.humanInTheLoop({
			prompt: `How good is "${context.get('draft')}"? (0-100)`,
			validator: (answer) => /^\d+$/.test(answer) && Number(answer) <= 100,
			timeoutMs: 10_000,
			default: '50',
		});
		return Number(score) >= 70 ? 'publish' : 'revise';
	})
	.addState('publish', () => console.log('Published.'))
	.addState('revise', () => console.log('Back to the author.'));

const finished = agent.run();
const terminal = createInterface({ input: process.stdin });
const typed = terminal[Symbol.asyncIterator]();

while ((await agent.untilIdle()) === 'waiting') {
	const [request] = agent.requests;
	const { prompt, error = '' } = request!.payload as { prompt: string; error?: string };
	console.log(`${error} ${prompt}`.trim());
	const line = await Promise.race([typed.next(), finished]);
	if ('status' in line || line.done === true) break;
	await agent.answer(request!.requestId, line.value);
}

const { status } = await finished;
terminal.close();
console.log(`Done: ${status}, by ${agent.completedStates.join(' → ')}`);
