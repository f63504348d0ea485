import { isJsonObject, EngineError } from '../core';
import { decideVersion, parseDefinition, summaryOf, type VersionPolicy } from '../workflow';
import { didYouMean } from '../workflow/closest';
import { UnknownError } from './errors';
import type { ExecutionRecord, ExecutionVersion } from './executionRecord';
import type { RunWork } from './runPlan';
import type { Workflows } from './workflows';
import type { WorkflowType } from './workflowType';

/** What an execution is to run, and the names its record carries. */
export interface FoundWork
	extends Pick<ExecutionRecord, 'workflowId' | 'workflowVersion' | 'workflowType' | 'name'> {
	work: RunWork;
}

/** Finds what is meant by the workflow of an execution: stored, registered, or given outright. */
export class Catalog {
	private readonly registered = new Map<string, WorkflowType>();

	constructor(private readonly workflows: Workflows) {}

	register(type: WorkflowType): void {
		this.registered.set(type.type, type);
	}

	get types(): string[] {
		return [...this.registered.keys()];
	}

	/**
	 * @param workflow - id of a stored workflow, name of a registered type, or a definition
	 * @throws {UnknownError} when there is no such workflow
	 */
	async find(workflow: unknown): Promise<FoundWork> {
		if (typeof workflow === 'string') return await this.byName(workflow);
		const definition = this.workflows.validate(isJsonObject(workflow) ? workflow : {});
		const { id, name, workflowType } = definition;
		if (workflowType !== undefined) return this.ofType(workflowType, id ?? workflowType, name);
		return { workflowId: id ?? name, name, work: { definition } };
	}

	/**
	 * What a stored execution goes on with.
	 *
	 * @returns `restart` when it has to begin again; `version` when that is another one than before
	 * @throws {EngineError} `VERSION_CHANGED` when the workflow has changed and the policy forbids it
	 */
	async workOf(
		record: ExecutionRecord,
		versions: VersionPolicy,
	): Promise<{ work: RunWork; restart: boolean; version?: ExecutionVersion }> {
		const { workflowId, workflowType, name } = record;
		if (workflowType !== undefined) {
			return { work: this.ofType(workflowType, workflowId, name).work, restart: false };
		}
		const frozen = parseDefinition(record.definition);
		const stored = await this.workflows.find(workflowId);
		const completed = record.steps.filter(({ status }) => status === 'completed');
		const decision = decideVersion(
			versions,
			frozen,
			stored?.definition ?? frozen,
			completed.map(({ stepId }) => stepId),
		);
		if (decision.action === 'refuse') {
			const { reasons, change } = decision;
			throw new EngineError('VERSION_CHANGED', `${summaryOf(change)} ${reasons.join(' ')}`, {
				errorClass: 'conflict',
				hint: 'Resume it as pinned to go on with the version it began with.',
				details: { change, reasons },
			});
		}
		const { definition, action, change } = decision;
		const restart = action === 'restart';
		const found = { work: { definition }, restart };
		if (definition === frozen) return found;
		const { restarts = 0 } = record;
		const version = { definition, workflowVersion: stored!.version, change };
		return { ...found, version: restart ? { ...version, restarts: restarts + 1 } : version };
	}

	private async byName(name: string): Promise<FoundWork> {
		const stored = await this.workflows.find(name);
		if (stored === undefined) return this.ofType(name, name, name);
		const { id, version, definition } = stored;
		const { workflowType } = definition;
		const found = { workflowId: id, workflowVersion: version, name: definition.name };
		if (workflowType === undefined) return { ...found, work: { definition } };
		return { ...found, ...this.ofType(workflowType, id, definition.name) };
	}

	private ofType(workflowType: string, workflowId: string, name: string): FoundWork {
		const type = this.registered.get(workflowType);
		if (type !== undefined) return { workflowId, workflowType, name, work: { type } };
		const known = this.types.length === 0 ? 'none' : this.types.join(', ');
		const hint = `Create the workflow, or register its type; registered: ${known}${didYouMean(workflowType, this.types)}.`;
		throw new UnknownError('workflow', workflowType, hint);
	}
}
