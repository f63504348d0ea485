import { cost, duration, elapsed, moment, tokens, usageText } from '../../../lib/monitor/words';

describe('the words of the run page', () => {
	it.each([
		[-5, '0 ms'],
		[340, '340 ms'],
		[4210, '4.2 s'],
		[42_400, '42 s'],
		[60_000, '1 min'],
		[185_000, '3 min 5 s'],
		[3_600_000, '1 h'],
		[5_400_000, '1 h 30 min'],
		[187_200_000, '2 d 4 h'],
	])('writes %d ms as %s', (milliseconds, text) => {
		expect(duration(milliseconds)).toBe(text);
	});

	it.each([
		[950, '950'],
		[1000, '1k'],
		[12_440, '12.4k'],
		[640_000, '640k'],
		[999_500, '1M'],
		[3_120_000, '3.1M'],
	])('writes %d tokens as %s', (count, text) => {
		expect(tokens(count)).toBe(text);
	});

	it.each([
		[null, 'unknown'],
		[0, '$0'],
		[0.00042, '$0.00042'],
		[0.043, '$0.04'],
		[12.3456, '$12.35'],
	])('writes %p dollars as %s', (dollars, text) => {
		expect(cost(dollars)).toBe(text);
	});

	it('says nothing of usage where there is none', () => {
		const none = { inputTokens: 0, outputTokens: 0, totalTokens: 0, costUsd: 0, calls: 0 };
		expect(usageText(none)).toBe('–');
		expect(usageText({ ...none, totalTokens: 1200, calls: 2 })).toBe('1.2k tokens, $0');
	});

	it('counts on only while something lasts', () => {
		expect(elapsed(1000, 3000, 9000).text).toBe('<span>2.0 s</span>');
		expect(elapsed(1000, undefined, 9000).text).toBe('<span data-since="1000">8.0 s</span>');
	});

	it('writes a moment so that machines and people read it', () => {
		expect(moment(0).text).toBe(
			'<time datetime="1970-01-01T00:00:00.000Z">1970-01-01 00:00:00 UTC</time>',
		);
	});
});
