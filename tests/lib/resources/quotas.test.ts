import { QuotaBook } from '../../../lib/resources/quotas';
import { Dimensions } from '../../../lib/resources/requirements';

describe('QuotaBook', () => {
	it('keeps a counter only as long as somebody waits or runs under its key', () => {
		const dimensions = new Dimensions(['cpu']);
		const book = new QuotaBook([{ key: 'host:*', limits: { cpu: 2 } }], dimensions);
		const needs = dimensions.needs({ cpu: 1, resourceTypes: ['cpu'] });
		const [first, second] = [book.join(['host:a'], needs), book.join(['host:a', 'x'], needs)];
		expect(second).toEqual(first);
		expect(book.size).toBe(1);
		book.leave(first);
		expect(book.size).toBe(1);
		book.leave(second);
		expect(book.size).toBe(0);
		const tooMuch = dimensions.needs({ cpu: 3, resourceTypes: ['cpu'] });
		expect(() => book.join(['host:b'], tooMuch)).toThrow('quota "host:b" allows 2');
		expect(book.size).toBe(0);
	});
});
