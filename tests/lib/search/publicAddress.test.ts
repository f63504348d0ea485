import { isPublicAddress, isPublicUrl } from '../../../lib';
import { INSIDE } from './insideAddresses';

const OUTSIDE = [
	'https://example.org/',
	'https://example.org:443/a?b#c',
	'http://example.org:8080/',
	'https://8.8.8.8/',
	'https://172.32.0.1/',
	'https://100.128.0.1/',
	'https://[2606:4700::1111]/',
	'https://[::ffff:8.8.8.8]/',
	'https://[64:ff9b::8.8.8.8]/',
	'https://bücher.example.org/',
	'https://example.org./',
	'https://my-localhost.org/',
	'https://local.example.org/',
	'https://news-2024-01-02.example.org/',
	'https://1-2-3.example.org/',
];

describe('isPublicUrl', () => {
	it.each(INSIDE)('refuses %j', (address) => {
		expect(isPublicUrl(address)).toBe(false);
	});

	it.each(OUTSIDE)('allows %j', (address) => {
		expect(isPublicUrl(address)).toBe(true);
	});
});

describe('isPublicAddress', () => {
	it.each([
		'127.0.0.1',
		'::1',
		'fe80::1%eth0',
		'::ffff:10.0.0.1',
		'999.1.1.1',
		'name',
		'',
		'1',
		'2606:4700::1]/',
	])('refuses the resolved address %j', (address) => {
		expect(isPublicAddress(address)).toBe(false);
	});

	it.each(['1.1.1.1', '2606:4700::1111', '::ffff:1.1.1.1', '2a00:1450:4001::200e'])(
		'allows the resolved address %j',
		(address) => {
			expect(isPublicAddress(address)).toBe(true);
		},
	);
});
