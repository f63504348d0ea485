/**
 * Swarm Search on test collections: ranking, extraction, citations, copies, one sentence, and
 * processor time. Runs where their data is, see `search/data.mjs`. The swarm with faults needs none.
 */
import { citations } from './search/citations.mjs';
import { cpu } from './search/cpu.mjs';
import { duplicates } from './search/duplicates.mjs';
import { extraction } from './search/extraction.mjs';
import { federated35, federated60 } from './search/federated.mjs';
import { oneIndex } from './search/oneIndex.mjs';
import { oneSentence } from './search/oneSentence.mjs';
import { swarm } from './search/swarm.mjs';

export const measurements = {
	'federated-60': federated60,
	'federated-35': federated35,
	'one-index': oneIndex,
	extraction,
	citations,
	duplicates,
	'one-sentence': oneSentence,
	swarm,
	cpu,
};
