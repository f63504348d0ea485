/**
 * Runs workflows of our nodes on n8n's own engine, inside jest, in milliseconds.
 *
 * ```ts
 * const run = await runWorkflow({
 * 	nodes: [start(), node('Task', new AgentTask(), { task: '={{ $json.question }}' })],
 * 	connections: chain('Start', 'Task'),
 * 	input: [{ json: { question: 'Why?' } }],
 * });
 * expect(run.json('Task')).toEqual([{ … }]);
 * ```
 *
 * For sub-workflows, waiting and several runs, make a {@link TestInstance}.
 */
import { TestInstance } from './instance';
import type { InstanceOptions, RunOptions } from './instance';
import type { Execution } from './execution';
import type { TestWorkflow } from './workflow';

export { Execution } from './execution';
export { chain, connect, node } from './graph';
export type { Link, NodeSettings, TestNode } from './graph';
export { TestInstance } from './instance';
export type { InstanceOptions, RunOptions } from './instance';
export { code, set, start, stop, subNode, waitForPost } from './nodes';
export type { TestCredential } from './credentials';
export type { TestRequest, TestResponse } from './webhook';
export type { TestWorkflow } from './workflow';

/** Runs one workflow on an instance of its own until it ends or waits. */
export async function runWorkflow(
	options: TestWorkflow & RunOptions & InstanceOptions,
): Promise<Execution> {
	return await new TestInstance(options).run(options, options);
}
