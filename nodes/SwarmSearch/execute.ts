import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { messageOf, search, searchCache } from '../../lib';
import type { SearchReport, SearchRequest } from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { nodeHttpClient } from '../shared/http';
import { outcomesToItems, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { openSteps } from '../shared/steps';
import type { NodeSteps } from '../shared/steps';
import { enginesOf, services } from './engines';
import { openKeys } from './keys';
import type { SearchKeys } from './keys';
import { openModel } from './model';
import { parametersSchema } from './parameters';
import type { Parameters } from './parameters';
import { SearchProgress } from './progress';
import type { SearchStatus } from './progress';
import { properties } from './properties';
import { requestOf } from './request';
import type { Asked } from './request';

/** Queries searched at the same time; each asks all its engines at once. */
const QUERIES_AT_ONCE = 5;

/** One search per input item. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const readParameters = parameterReader(context, parametersSchema, properties);
	const items = context.getInputData();
	const keys = await openKeys(context);
	const told = new Map<NodeSteps, SearchProgress>();
	const outcomes = await settleItems(items, QUERIES_AT_ONCE, async (_, index) => {
		const { output, ...settings } = readParameters(index);
		const parameters = { ...settings, maxPassages: passagesFor(output, settings.options) };
		const steps = await openSteps(context, index);
		const progress = told.get(steps) ?? new SearchProgress(steps.progress, items.length);
		told.set(steps, progress);
		const searching = new ItemSearch(context, index, parameters, { keys, steps, progress });
		const { result, ...record } = await steps.run(
			String(index),
			parameters,
			async () => await searching.run(),
			{ usageOf: ({ usage }) => usage },
		);
		return { report: result, output, record: record as IDataObject };
	});
	return [
		outcomesToItems(context, outcomes, ({ report, output, record }) =>
			ITEMS[output](report, record),
		),
	];
}

/** Only passages that are put out one by one are looked for. */
function passagesFor(output: Parameters['output'], { maxPassages = 10 }: Parameters['options']) {
	return output === 'passages' ? maxPassages : 0;
}

/** The items of one search, by the field Output. */
const ITEMS: Readonly<
	Record<Parameters['output'], (report: SearchReport, record: IDataObject) => INodeExecutionData[]>
> = {
	passages: passageItems,
	// Passages are items of their own, not part of a report.
	report: (report, record) => [
		{ json: { ...report, passages: undefined, ...record } as IDataObject },
	],
	sources: sourceItems,
};

/** What the searches of a node share. */
interface Shared {
	keys: SearchKeys;
	steps: NodeSteps;
	progress: SearchProgress;
}

/** The search of one item. */
class ItemSearch {
	private readonly request: SearchRequest;
	private variants: string[] = [];

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly index: number,
		private readonly parameters: Asked,
		private readonly shared: Shared,
	) {
		this.request = requestOf(parameters);
	}

	async run(): Promise<SearchReport> {
		const { engines, options } = this.parameters;
		const { keys } = this.shared;
		const model = await openModel(this.context, this.index);
		return await search(this.request, {
			engines: enginesOf(engines, this.parameters, keys),
			standby: enginesOf(options.standbyEngines ?? [], this.parameters, keys),
			services,
			cache: this.cache(),
			model,
			runtime: n8nRuntime,
			http: nodeHttpClient(this.context),
			signal: cancelSignalOf(this.context),
			onVariants: (variants) => (this.variants = [...variants]),
			onProgress: (percent, description) =>
				this.tell({ progress: percent, step_description: description }),
		}).then(
			(report) => {
				const { status, summary, step_description } = report;
				this.tell({ status, summary, step_description, progress: 100 });
				return report;
			},
			async (error: Error) => {
				this.tell({ status: 'failed', step_description: messageOf(error), progress: 100 });
				return await Promise.reject(error);
			},
		);
	}

	private tell(change: Partial<SearchStatus>): void {
		const { query } = this.request;
		this.shared.progress.tell(this.index, {
			query,
			variant_queries: this.variants,
			summary: null,
			status: 'running',
			progress: 0,
			step_description: '',
			...change,
		});
	}

	private cache() {
		const { cacheMinutes = 0 } = this.parameters.options;
		if (cacheMinutes === 0) return undefined;
		const { store } = this.shared.steps;
		return searchCache({ store, runtime: n8nRuntime, ttlMs: cacheMinutes * 60_000 });
	}
}

/** Each passage as an item, with the question it answers. */
function passageItems(
	{ query, passages }: SearchReport,
	record: IDataObject,
): INodeExecutionData[] {
	return passages.map((passage) => ({ json: { query, ...passage, ...record } }));
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
