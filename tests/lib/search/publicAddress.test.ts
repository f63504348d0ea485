import { isPublicAddress, isPublicUrl } from '../../../lib';

const INSIDE = [
	// The machine itself, in every way to write it.
	'http://127.0.0.1/',
	'http://127.1/',
	'http://127.0.1/',
	'http://127.255.255.254/',
	'http://2130706433/',
	'http://0x7f000001/',
	'http://0x7f.0x0.0x0.0x1/',
	'http://0x7f.1/',
	'http://017700000001/',
	'http://0177.0.0.1/',
	'http://0177.0.0.01/',
	'http://00000177.0.0.1/',
	'http://127.0.0.1./',
	'http://127%2e0%2e0%2e1/',
	'http://%31%32%37.0.0.1/',
	'http://①②⑦.⓪.⓪.①/',
	'http://127。0。0。1/',
	'http://１２７.０.０.１/',
	'http:127.0.0.1/',
	'http:\\\\127.0.0.1\\',
	'http:/127.0.0.1/',
	'ht\ntp://127.0.0.1/',
	'http://0/',
	'http://0.0.0.0/',
	'http://0x0/',
	'http://localhost/',
	'http://LOCALHOST/',
	'http://localhost./',
	'http://ｌｏｃａｌｈｏｓｔ/',
	'http://app.localhost/',
	'http://localhost.localdomain/',
	'http://[::1]/',
	'http://[::]/',
	'http://[0:0:0:0:0:0:0:1]/',
	'http://[0000::0001]/',
	'http://[::127.0.0.1]/',
	'http://[::ffff:127.0.0.1]/',
	'http://[::ffff:7f00:1]/',
	'http://[0:0:0:0:0:ffff:127.0.0.1]/',
	'http://[::ffff:0:127.0.0.1]/',
	'http://[64:ff9b::127.0.0.1]/',
	'http://[64:ff9b::7f00:1]/',
	'http://[64:ff9b:1::7f00:1]/',
	'http://[2002:7f00:1::]/',
	'http://[2001:0:7f00:1::]/',
	'http://127.0.0.1.nip.io/',
	'http://app.127-0-0-1.sslip.io/',
	'http://localtest.me/',
	'http://a.lvh.me/',
	// Networks around.
	'http://10.0.0.1/',
	'http://10.1/',
	'http://167772161/',
	'http://172.16.0.1/',
	'http://172.31.255.255/',
	'http://192.168.1.1/',
	'http://192.168.257/',
	'http://0xc0a80101/',
	'http://100.64.0.1/',
	'http://198.18.0.1/',
	'http://[::ffff:10.0.0.1]/',
	'http://[fc00::1]/',
	'http://[fd12:3456::1]/',
	'http://[fe80::1]/',
	'http://[fec0::1]/',
	'http://10.0.0.1.nip.io/',
	'http://192-168-1-1.example.com/',
	'http://intranet/',
	'http://redis:80/',
	'http://printer.local/',
	'http://db.internal/',
	'http://api.default.svc/',
	'http://router.home.arpa/',
	// Metadata of clouds.
	'http://169.254.169.254/latest/meta-data/',
	'http://2852039166/',
	'http://0xa9fea9fe/',
	'http://0251.0376.0251.0376/',
	'http://169.254.43518/',
	'http://[::ffff:a9fe:a9fe]/',
	'http://[fd00:ec2::254]/',
	'http://metadata.google.internal/',
	'http://169.254.169.254.nip.io/',
	'http://100.100.100.200/',
	'http://168.63.129.16/',
	// For nobody.
	'http://224.0.0.1/',
	'http://255.255.255.255/',
	'http://192.0.2.1/',
	'http://[ff02::1]/',
	'http://[2001:db8::1]/',
	'http://[100::1]/',
	// Not pages.
	'file:///etc/passwd',
	'ftp://example.org/',
	'gopher://example.org/',
	'javascript:alert(1)',
	'data:text/html,x',
	'//example.org/',
	'',
	'http://',
	'http://example.org:22/',
	'http://example.org:6379/',
	'http://user@example.org/',
	'http://example.org@127.0.0.1/',
	'http://example.org:x@127.0.0.1:22/',
];

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
