import type { IDataObject } from 'n8n-workflow';

import type { AgentTool } from '../../lib';

/** What is known of the sub-node that a tool comes from. */
export interface ToolOrigin {
	/** Type name of the node, e.g. `n8n-nodes-base.httpRequestTool`. */
	type: string;
	parameters: IDataObject;
}

type Effects = Required<Pick<AgentTool, 'effect' | 'bringsUntrusted'>>;

/** Tools that only compute: nothing outside is changed, and no text from outside comes back. */
const COMPUTING = /\.(toolCalculator|toolThink|dateTimeTool|cryptoTool)$/;

/** Tools that only look things up. */
const READING =
	/\.(toolWikipedia|toolSerpApi|toolSearXng|toolWolframAlpha|toolVectorStore|vectorStore\w+|rssFeedReadTool|swarmSearchTool)$/;

/** Tools that make HTTP requests: reading when their method only reads. */
const HTTP = /\.(httpRequestTool|toolHttpRequest)$/;

/**
 * What calls of a tool can do, as far as its sub-node tells. A tool that nobody knows is taken to
 * write and to bring in text from outside.
 */
export function toolEffects(origin: ToolOrigin | undefined): Effects {
	const type = origin?.type ?? '';
	if (COMPUTING.test(type)) return { effect: 'read', bringsUntrusted: false };
	const reads = READING.test(type) || (HTTP.test(type) && onlyReads(origin!.parameters));
	return { effect: reads ? 'read' : 'write', bringsUntrusted: true };
}

function onlyReads({ method = 'GET' }: IDataObject): boolean {
	return method === 'GET' || method === 'HEAD';
}
