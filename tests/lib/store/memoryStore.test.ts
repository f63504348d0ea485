import { memoryStore } from '../../../lib';
import { storeContract } from './contract';

storeContract('memory', {
	open: async (clock) => memoryStore(clock),
	reopen: async (store) => store,
});
