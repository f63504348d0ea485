/**
 * States as functions: each does one thing and says which state comes next.
 *
 *     node examples/standalone/text-pipeline.ts "Some   text!  "
 */
import { defineAgent } from '../../dist/lib/index.js';
import { nodeRuntime } from '../../dist/lib/host/index.js';

const [text = '  Hello   World!  It is   a good day. '] = process.argv.slice(2);

const agent = defineAgent(
	'text_processor',
	{ runtime: nodeRuntime(), state: { text } },
	{
		clean: (context) => {
			context.set('text', context.get('text', '').trim().replace(/\s+/g, ' '));
			return ['count', 'findLongest']; // two states at the same time …
		},
		count: (context) => {
			context.set('words', context.get('text', '').split(' ').length);
			return 'report';
		},
		findLongest: (context) => {
			const words = context.get('text', '').split(' ');
			context.set(
				'longest',
				words.reduce((a, b) => (b.length > a.length ? b : a)),
			);
			return 'report';
		},
		// … and one that waits for both.
		report: (context) => {
			console.log(`Text:    ${context.get('text')}`);
			console.log(`Words:   ${context.get('words')}`);
			console.log(`Longest: ${context.get('longest')}`);
		},
	},
);

const { status } = await agent.run();
console.log(`Done: ${status}, states ${agent.completedStates.join(' → ')}`);
