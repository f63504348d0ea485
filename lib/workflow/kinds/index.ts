import type { AnyStepKind } from '../stepKind';
import { branchKind } from './branch';
import { humanKind } from './human';
import { loopKind } from './loop';
import { parallelKind } from './parallel';
import { transformKind } from './transform';
import { validateKind } from './validate';
import { waitKind } from './wait';

/** The kinds that need nothing from outside. */
export const builtInKinds: readonly AnyStepKind[] = [
	branchKind,
	humanKind,
	loopKind,
	parallelKind,
	transformKind,
	validateKind,
	waitKind,
];
