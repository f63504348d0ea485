import { modelFields } from '../../shared/modelFields';
import { forWork } from './forWork';

/** Which model answers. */
export const fanOutModelFields = modelFields({
	...forWork('agentPrompt', 'taskGraph'),
	model: 'The model that works on the tasks',
});
