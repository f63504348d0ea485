import { modelFields } from '../../shared/modelFields';
import { forRunning } from './show';

/** Where the models of agent steps come from. */
export const workflowModelFields = modelFields({
	show: forRunning.show,
	source: 'Where agent steps get their model; workflows without agents need none',
	model: 'The model of agents and steps that do not name another one',
});
