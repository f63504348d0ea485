import { parseRetryAfter } from '../../../lib/resilience/retryAfter';

const NOW = Date.UTC(2030, 0, 1, 12, 0, 0);

describe('parseRetryAfter', () => {
	it.each([
		['2', 2000],
		[' 120 ', 120_000],
		['0', 0],
		['0.5', 500],
		['1.25', 1250],
		['86400', 86_400_000],
		['Tue, 01 Jan 2030 12:00:30 GMT', 30_000],
		['Tuesday, 01-Jan-30 12:00:01 GMT', 1000],
		['Mon, 31 Dec 2029 12:00:00 GMT', 0],
	])('reads %j as %d ms', (value, expected) => {
		expect(parseRetryAfter(value, NOW)).toBe(expected);
	});

	it.each([
		undefined,
		'',
		'-5',
		'soon',
		'1e3',
		'12 apples',
		'x12',
		'.5',
		'5.',
		'2030-01-01T00:00:00Z',
		'Xyz, what a date',
		'Tue, 99 Foo 2030',
		'1 Tue, 01 Jan 2030 12:00:30 GMT',
		'Tue 01 Jan 2030 12:00:30 GMT',
		'Tu, 01 Jan 2030 12:00:30 GMT',
		'Tue,01 Jan 2030 12:00:30 GMT',
	])('ignores %j', (value) => {
		expect(parseRetryAfter(value, NOW)).toBeUndefined();
	});
});
