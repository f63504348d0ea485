import { Mastra } from '@mastra/core';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import { LibSQLStore } from '@mastra/libsql';
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

const growing = z.object({ rows: z.array(z.string()) });

/**
 * A loop of `n` steps that each add a text to a list, saved in a file with libSQL after each.
 *
 * @param file - the database
 */
export function mastraSaved(n, text, file) {
	const step = createStep({
		id: 'step',
		inputSchema: growing,
		outputSchema: growing,
		execute: async ({ inputData }) => ({ rows: [...inputData.rows, text] }),
	});
	const workflow = createWorkflow({ id: 'saved', inputSchema: growing, outputSchema: growing })
		.dountil(step, async ({ inputData }) => inputData.rows.length >= n)
		.commit();
	const storage = new LibSQLStore({ id: 'bench', url: `file:${file}` });
	const mastra = new Mastra({ storage, workflows: { saved: workflow }, logger: false });
	return () => start(mastra.getWorkflow('saved'), { rows: [] });
}
