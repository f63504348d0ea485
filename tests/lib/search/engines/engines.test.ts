import { generalCases } from './cases/general';
import { scholarlyCases } from './cases/scholarly';
import { webCases } from './cases/web';
import { engineContract } from './contract';

const cases = { ...generalCases, ...scholarlyCases, ...webCases };

for (const [name, engineCase] of Object.entries(cases)) engineContract(name, engineCase);
