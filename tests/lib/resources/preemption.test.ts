import { selectVictims } from '../../../lib/resources/preemption';

const victim = (name: string, priorityClass: number, needs: number[], progress = 0) => ({
	name,
	priorityClass,
	progress,
	needs,
});

const names = (...args: Parameters<typeof selectVictims>): string[] | undefined =>
	(selectVictims(...args) as Array<{ name: string }> | undefined)?.map(({ name }) => name);

describe('selectVictims', () => {
	it('takes the lowest class first, then the least progress', () => {
		const candidates = [
			victim('b', 1, [1]),
			victim('a-far', 0, [1], 0.7),
			victim('a-new', 0, [1], 0.1),
		];
		expect(names(candidates, [1])).toEqual(['a-new']);
		expect(names(candidates, [2])).toEqual(['a-new', 'a-far']);
		expect(names(candidates, [3])).toEqual(['a-new', 'a-far', 'b']);
	});

	it('stops nobody in vain', () => {
		expect(names([victim('a', 0, [1])], [2])).toBeUndefined();
		expect(names([], [1])).toBeUndefined();
		expect(names([victim('a', 0, [1, 0])], [1, 1])).toBeUndefined();
	});

	it('stops nobody when nothing is missing', () => {
		expect(names([victim('a', 0, [1, 0])], [0, -3])).toEqual([]);
	});

	it('leaves out those that hold nothing of what is missing', () => {
		const candidates = [victim('gpu', 0, [0, 4]), victim('cpu', 1, [2, 1])];
		expect(names(candidates, [1, 0])).toEqual(['cpu']);
	});

	it('spares those that a later one makes needless, the dearest first', () => {
		const candidates = [
			victim('small', 0, [1]),
			victim('medium', 0, [2], 0.5),
			victim('large', 1, [5]),
		];
		expect(names(candidates, [5])).toEqual(['large']);
		expect(names(candidates, [3])).toEqual(['small', 'medium']);
		expect(names(candidates, [6])).toEqual(['small', 'large']);
	});
});
