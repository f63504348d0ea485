import { z } from 'zod';

import { parse, parseJson, type Runtime } from '../core';
import type { ListQuery, Store } from '../store';
import {
	addStep,
	checkSteps,
	definitionHash,
	parseDefinition,
	type StepKinds,
	type WorkflowDefinition,
} from '../workflow';
import { graphError } from '../workflow/graph';
import { UnknownError } from './errors';

/** A stored workflow at one version. */
export interface StoredWorkflow {
	id: string;
	name: string;
	/** 1, 2, … Every version is kept; executions keep the one they began with. */
	version: number;
	definition: WorkflowDefinition;
	/** See `definitionHash`. */
	definitionHash: string;
	/** Milliseconds since the epoch. */
	createdAt: number;
	updatedAt: number;
}

const recordSchema = z.object({
	schemaVersion: z.literal(1),
	id: z.string(),
	version: z.number().int().positive(),
	definition: z.unknown(),
	createdAt: z.number(),
	updatedAt: z.number(),
});

const CURRENT = 'workflows';
const VERSIONS = 'workflow-versions';

/**
 * Workflows as documents of a store, each with all its versions. With an owner, only that owner's
 * workflows exist, and ids are the owner's own.
 */
export class Workflows {
	constructor(
		private readonly store: Store,
		private readonly runtime: Pick<Runtime, 'now' | 'newId'>,
		private readonly kinds: StepKinds,
		private readonly owner?: string,
	) {}

	/**
	 * Checks a workflow without storing it.
	 *
	 * @param written - see `parseDefinition`
	 * @throws {ValidationError} listing everything that is wrong
	 */
	validate(written: unknown): WorkflowDefinition {
		const definition = parseDefinition(written);
		const { problems } = checkSteps(definition, this.kinds);
		if (problems.length > 0) throw graphError(definition.name, problems);
		return definition;
	}

	/**
	 * Stores a new workflow, under its own id or a new one.
	 *
	 * @throws {ValidationError} when it cannot run
	 * @throws {StoreConflictError} when the id is taken
	 */
	async create(written: unknown): Promise<StoredWorkflow> {
		const definition = this.validate(written);
		const id = definition.id ?? this.runtime.newId();
		const now = this.runtime.now();
		return await this.save({ ...definition, id }, 0, now);
	}

	/**
	 * @param version - Default: the newest
	 * @throws {UnknownError} when there is no such workflow
	 */
	async get(id: string, version?: number): Promise<StoredWorkflow> {
		const found = await this.find(id, version);
		if (found !== undefined) return found;
		throw new UnknownError('workflow', version === undefined ? id : versionId(id, version));
	}

	/** Like `get`, but gives nothing when there is none. */
	async find(id: string, version?: number): Promise<StoredWorkflow | undefined> {
		const document = await (version === undefined
			? this.store.get(CURRENT, this.key(id))
			: this.store.get(VERSIONS, this.key(versionId(id, version))));
		return document === undefined ? undefined : read(document.value);
	}

	/** Lists workflows, last updated first. */
	async list(
		query: Pick<ListQuery, 'limit' | 'offset'> = {},
	): Promise<{ workflows: StoredWorkflow[]; total: number }> {
		const mine = this.owner === undefined ? {} : { idPrefix: this.key('') };
		const { documents, total } = await this.store.list(CURRENT, { ...query, ...mine });
		return { workflows: documents.map(({ value }) => read(value)), total };
	}

	/**
	 * Replaces the fields that are given; `steps` are replaced as a whole. Makes a new version.
	 *
	 * @throws {ValidationError} when the result cannot run; {@link UnknownError} without the workflow
	 */
	async update(id: string, changes: Readonly<Record<string, unknown>>): Promise<StoredWorkflow> {
		return await this.change(id, (definition) => ({ ...definition, ...changes, id }));
	}

	/** Adds a step at the end; see `addStep`. Makes a new version. */
	async addStep(id: string, step: unknown): Promise<StoredWorkflow> {
		return await this.change(id, (definition) => addStep(definition, step));
	}

	/** Removes a workflow with all versions; executions stay. @returns whether there was one */
	async delete(id: string): Promise<boolean> {
		const current = await this.find(id);
		if (current === undefined) return false;
		for (let version = 1; version <= current.version; version++) {
			await this.store.remove(VERSIONS, this.key(versionId(id, version)));
		}
		return await this.store.remove(CURRENT, this.key(id));
	}

	/** Ids cannot hold a slash, so those of an owner are never those of somebody else. */
	private key(id: string): string {
		return this.owner === undefined ? id : `${this.owner}/${id}`;
	}

	private async change(
		id: string,
		change: (definition: WorkflowDefinition) => unknown,
	): Promise<StoredWorkflow> {
		const { definition, version, createdAt } = await this.get(id);
		return await this.save(this.validate(change(definition)), version, createdAt);
	}

	/** @param before - the version that is replaced; 0 for a new workflow */
	private async save(
		definition: WorkflowDefinition,
		before: number,
		createdAt: number,
	): Promise<StoredWorkflow> {
		const id = definition.id!;
		const version = before + 1;
		const updatedAt = this.runtime.now();
		const record = { schemaVersion: 1, id, version, definition, createdAt, updatedAt };
		const value = JSON.stringify(record);
		await this.store.put({ collection: CURRENT, id: this.key(id), version: before, value });
		const versioned = { collection: VERSIONS, id: this.key(versionId(id, version)), value };
		await this.store.put({ ...versioned, version: 'any' });
		return read(value);
	}
}

function versionId(id: string, version: number): string {
	return `${id}@${version}`;
}

function read(value: string): StoredWorkflow {
	const { definition: written, ...rest } = parse(recordSchema, parseJson(value), 'Stored workflow');
	const definition = parseDefinition(written);
	const { id, version, createdAt, updatedAt } = rest;
	const hash = definitionHash(definition);
	const { name } = definition;
	return { id, name, version, definition, definitionHash: hash, createdAt, updatedAt };
}
