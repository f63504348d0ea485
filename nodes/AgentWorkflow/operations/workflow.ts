import { ValidationError } from '../../../lib';
import { item, operation } from '../operation';
import {
	addStepSchema,
	definitionSchema,
	getWorkflowSchema,
	getWorkflowsSchema,
	updateSchema,
	workflowSchema,
} from '../parameters';
import { shownStatus, shownWorkflow } from '../views';

/** Stores a new workflow. */
export const create = operation({
	schema: definitionSchema,
	run: async ({ definition }, { manager }) =>
		item(shownWorkflow(await manager.workflows.create(definition))),
});

/** Gives a workflow, or an earlier version of it. */
export const get = operation({
	schema: getWorkflowSchema,
	run: async ({ workflowId, options: { version } }, { manager }) =>
		item(shownWorkflow(await manager.workflows.get(workflowId, version))),
});

/** Lists workflows, last updated first. */
export const getMany = operation({
	schema: getWorkflowsSchema,
	run: async ({ returnAll, limit, options: { offset } }, { manager }) => {
		const page = { limit: returnAll ? 1000 : limit, offset };
		const { workflows } = await manager.workflows.list(page);
		return workflows.map((workflow) => ({ json: shownWorkflow(workflow) }));
	},
});

/** Makes a new version of a workflow. */
export const update = operation({
	schema: updateSchema,
	run: async ({ workflowId, changes }, { manager }) => {
		if (typeof changes === 'object' && changes !== null && !Array.isArray(changes)) {
			return item(shownWorkflow(await manager.workflows.update(workflowId, changes)));
		}
		throw new ValidationError('Changes must be an object with the fields to replace.', {
			hint: 'Give JSON such as {"name": "New name"} or {"steps": […]}',
		});
	},
});

/** Removes a workflow with all its versions. */
export const remove = operation({
	schema: workflowSchema,
	run: async ({ workflowId }, { manager }) => {
		const deleted = await manager.workflows.delete(workflowId);
		return item({ workflowId, deleted });
	},
});

/** Adds a step to a workflow, or to an execution that is open. */
export const addStep = operation({
	schema: addStepSchema,
	run: async ({ addTo, workflowId = '', executionId = '', step }, { manager }) => {
		if (addTo === 'workflow') {
			return item(shownWorkflow(await manager.workflows.addStep(workflowId, step)));
		}
		await manager.addStep(executionId, step);
		return item(shownStatus(await manager.status(executionId)));
	},
});

/** Says whether a definition can run, and what it becomes when it is stored. */
export const validate = operation({
	schema: definitionSchema,
	run: async ({ definition }, { manager }) =>
		await Promise.resolve(
			item({ valid: true, definition: manager.workflows.validate(definition) }),
		),
});
