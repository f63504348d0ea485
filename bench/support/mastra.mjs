import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';

const anything = z.any();
const counted = z.object({ count: z.number() });

async function start(workflow, inputData) {
	const run = await workflow.createRun();
	const result = await run.start({ inputData });
	if (result.status !== 'success') throw new Error(`Mastra ended with ${result.status}.`);
}

/** A loop of `n` steps that do nothing but count. */
export function mastraLoop(n) {
	const step = createStep({
		id: 'step',
		inputSchema: counted,
		outputSchema: counted,
		execute: async ({ inputData }) => ({ count: inputData.count + 1 }),
	});
	const workflow = createWorkflow({ id: 'loop', inputSchema: counted, outputSchema: counted })
		.dountil(step, async ({ inputData }) => inputData.count >= n)
		.commit();
	return () => start(workflow, { count: 0 });
}

/**
 * Layers of steps one after the other: the nearest thing to a graph that it has.
 *
 * @param layers - lists of `{ id, run }`
 */
export function mastraLayers(layers) {
	let workflow = createWorkflow({ id: 'layers', inputSchema: anything, outputSchema: anything });
	for (const layer of layers) {
		const steps = layer.map(({ id, run }) =>
			createStep({
				id,
				inputSchema: anything,
				outputSchema: anything,
				execute: async () => {
					await run();
					return {};
				},
			}),
		);
		workflow = workflow.parallel(steps);
	}
	workflow.commit();
	return () => start(workflow, {});
}
