import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { search } from '../../lib';
import type { HttpClient, SearchReport } from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { nodeHttpClient } from '../shared/http';
import { outcomesToItems, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { openSteps } from '../shared/steps';
import { enginesOf, services } from './engines';
import { parametersSchema } from './parameters';
import type { Parameters } from './parameters';
import { properties } from './properties';

/** Queries searched at the same time; each asks all its engines at once. */
const QUERIES_AT_ONCE = 5;

/** One search per input item. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const readParameters = parameterReader(context, parametersSchema, properties);
	const http = nodeHttpClient(context);
	const outcomes = await settleItems(context.getInputData(), QUERIES_AT_ONCE, async (_, index) => {
		const { output, ...parameters } = readParameters(index);
		const steps = await openSteps(context, index);
		const { result, reused, runKey, stepPath } = await steps.run(
			String(index),
			parameters,
			async () => await searchOnce(parameters, http, cancelSignalOf(context)),
		);
		return { report: result, output, record: { reused, runKey, stepPath } };
	});
	return [
		outcomesToItems(context, outcomes, ({ report, output, record }) =>
			output === 'report'
				? [{ json: { ...report, ...record } as IDataObject }]
				: sourceItems(report, record),
		),
	];
}

async function searchOnce(
	{ query, engines, ...settings }: Omit<Parameters, 'output'>,
	http: HttpClient,
	signal: AbortSignal,
): Promise<SearchReport> {
	const { allowPrivatePages, maxPages, maxSentences, maxSources, maxVariants } = settings.options;
	const { resultsPerEngine, timeoutSeconds } = settings.options;
	return await search(
		{
			query,
			allowPrivatePages,
			maxPages,
			maxSentences,
			maxSources,
			maxVariants,
			resultsPerEngine,
			timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
		},
		{ engines: enginesOf(engines, settings, http), services, runtime: n8nRuntime, http, signal },
	);
}

/** Each source as an item, with the question it answers and the sentences cited from it. */
function sourceItems(
	{ query, sources, sentences }: SearchReport,
	record: IDataObject,
): INodeExecutionData[] {
	return sources.map((source) => ({
		json: {
			query,
			...source,
			quotes: sentences
				.filter(({ citations }) => citations.includes(source.n))
				.map(({ text }) => text),
			...record,
		},
	}));
}
