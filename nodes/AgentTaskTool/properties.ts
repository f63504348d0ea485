import type { INodeProperties } from 'n8n-workflow';

import { properties as agentProperties } from '../AgentTask/properties';

/** Options that a tool has no use for: its caller gets the answer, and there is no output to people. */
const NOT_FOR_TOOLS = ['details', 'needApproval', 'streaming'];

const descriptionField: INodeProperties = {
	displayName: 'Description',
	name: 'toolDescription',
	type: 'string',
	typeOptions: { rows: 2 },
	default: 'An agent that carries out a task and answers with its result',
	required: true,
	description: 'Tells the calling agent what this one can do, and when to ask it',
};

/** The calling agent writes the task. */
const TASK_FROM_CALLER =
	"={{ $fromAI('task', 'The whole task, with everything needed to do it', 'string') }}";

/** The fields of Agent Task, for an agent that another one calls. */
export const properties: INodeProperties[] = [
	descriptionField,
	...agentProperties.map((property) => {
		if (property.name === 'task') return { ...property, default: TASK_FROM_CALLER };
		return property.name === 'options' ? forTools(property) : property;
	}),
];

function forTools(collection: INodeProperties): INodeProperties {
	const options = (collection.options ?? []) as INodeProperties[];
	return {
		...collection,
		options: options
			.filter(({ name }) => !NOT_FOR_TOOLS.includes(name))
			.map((option) => (option.name === 'onExhausted' ? withoutPerson(option) : option)),
	};
}

function withoutPerson(option: INodeProperties): INodeProperties {
	const options = (option.options ?? []).filter(
		(choice) => !('value' in choice) || choice.value !== 'person',
	);
	return { ...option, options };
}
