import { show, ValidationError } from '../core';
import type { FanOutOptions } from './fanOutTypes';

/** @throws {ValidationError} when an option does not fit, or the join asks for more than there is */
export function checkFanOut<Input>(options: FanOutOptions<Input>, total: number): void {
	const { maxConcurrent = Infinity, maxFailures = 0, join = 'all' } = options;
	if (!(maxConcurrent === Infinity || (Number.isInteger(maxConcurrent) && maxConcurrent >= 1))) {
		throw new ValidationError(
			`Fan-out: maxConcurrent must be a whole number from 1, received ${show(maxConcurrent)}.`,
		);
	}
	if (!(maxFailures >= 0)) {
		throw new ValidationError(
			`Fan-out: maxFailures must be 0 or more, received ${show(maxFailures)}.`,
		);
	}
	if (typeof join !== 'object' || !('n' in join)) return;
	if (!Number.isInteger(join.n) || join.n < 1 || (total > 0 && join.n > total)) {
		throw new ValidationError(
			`Fan-out: join.n must be a whole number between 1 and the number of tasks (${total}), received ${show(join.n)}.`,
		);
	}
}

/** The key of every task. @throws {ValidationError} when two are the same */
export function uniqueKeys<Input>(
	inputs: readonly Input[],
	key: (input: Input, index: number) => string,
): string[] {
	const first = new Map<string, number>();
	return inputs.map((input, index) => {
		const name = key(input, index);
		const before = first.get(name);
		if (before !== undefined) {
			throw new ValidationError(
				`Fan-out: tasks ${before} and ${index} have the same key "${name}". Give each task a key of its own.`,
				{ details: { key: name, indexes: [before, index] } },
			);
		}
		first.set(name, index);
		return name;
	});
}

/** How many results the join needs. */
export function neededOf<Input>(options: FanOutOptions<Input>, total: number): number {
	const { join = 'all' } = options;
	if (join === 'any') return Math.min(1, total);
	return typeof join === 'object' && 'n' in join ? Math.min(join.n, total) : total;
}
