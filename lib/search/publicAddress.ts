/** Ranges of IPv4 that do not belong to the public internet, as `[network, bits]`. */
const CLOSED_V4: ReadonlyArray<readonly [string, number]> = [
	['0.0.0.0', 8],
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['169.254.0.0', 16],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['224.0.0.0', 4],
	['240.0.0.0', 4],
];

/** Services of clouds that tell their secrets to whoever asks from inside, at public addresses. */
const METADATA_V4 = new Set(['168.63.129.16', '100.100.100.200']);

/** Top-level names that only exist inside networks. */
const INSIDE_NAMES =
	/(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa|test|invalid|example|onion|svc)$/;

/** Public names that are known to lead to the machine itself. */
const LOOPBACK_NAMES = /(^|\.)(localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|yoogle\.com)$/;

/**
 * Whether an address may be opened for a user who did not choose it: http or https, no password in
 * it, one of the usual ports, and a host of the public internet.
 *
 * Any form that a URL can give an address is understood (decimal, octal, hexadecimal, short, IPv6
 * with IPv4 inside, full-width letters, names that hold an address). What a name leads to is not
 * looked up; check resolved addresses with {@link isPublicAddress}.
 */
export function isPublicUrl(address: string): boolean {
	const url = URL.parse(address);
	if (url === null || !['http:', 'https:'].includes(url.protocol)) return false;
	if (url.username !== '' || url.password !== '') return false;
	if (!['', '80', '443', '8080', '8443'].includes(url.port)) return false;
	return isPublicHost(url.hostname);
}

/** @param host - as `URL` gives it: lower case, numbers of all forms as four decimals */
function isPublicHost(host: string): boolean {
	const name = host.replace(/\.+$/, '');
	if (name.startsWith('[') || isV4(name)) return isPublicAddress(name.replace(/[[\]]/g, ''));
	// A name without a dot is one of the network around.
	if (!name.includes('.') || INSIDE_NAMES.test(name) || LOOPBACK_NAMES.test(name)) return false;
	const held = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?=[.-])/.exec(name);
	return held === null || isPublicAddress(held.slice(1).join('.'));
}

/**
 * Whether an IP address belongs to the public internet.
 *
 * @param address - IPv4 as four decimals, or IPv6 in any form, also with a zone (`fe80::1%eth0`)
 * @returns false, too, for what is no address
 */
export function isPublicAddress(address: string): boolean {
	if (isV4(address)) return isPublicV4(address);
	const groups = groupsOf(address);
	if (groups === undefined) return false;
	const inner = innerV4(groups);
	if (inner !== undefined) return isPublicV4(inner);
	const [first, second] = groups as [number, number];
	// Only 2000::/3 is given out; of it, 2001::/23 and 3fff::/20 are not for hosts, 2001:db8 is for books.
	if (first >> 13 !== 1) return false;
	return !(first === 0x2001 && (second < 0x200 || second === 0xdb8)) && first !== 0x3fff;
}

function isV4(text: string): boolean {
	return /^\d{1,3}(\.\d{1,3}){3}$/.test(text);
}

function isPublicV4(address: string): boolean {
	if (address.split('.').some((part) => Number(part) > 255) || METADATA_V4.has(address))
		return false;
	const value = numberOf(address);
	return CLOSED_V4.every(([network, bits]) => {
		const size = 2 ** (32 - bits);
		return Math.floor(value / size) !== Math.floor(numberOf(network) / size);
	});
}

function numberOf(address: string): number {
	return address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

/** The eight groups of an IPv6 address, or `undefined` when it is none. */
function groupsOf(address: string): number[] | undefined {
	const bare = address.replace(/%.*$/, '');
	const url = /^[\da-f:.]+$/i.test(bare) ? URL.parse(`http://[${bare}]/`) : null;
	if (url === null) return undefined;
	const [head = '', tail] = url.hostname.slice(1, -1).split('::');
	const left = head === '' ? [] : head.split(':');
	const right = tail === undefined || tail === '' ? [] : tail.split(':');
	const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
	return [...left, ...zeros, ...right].map((group) => parseInt(group, 16));
}

/** The IPv4 address that an IPv6 address leads to: mapped, compatible, translated, 6to4. */
function innerV4(groups: readonly number[]): string | undefined {
	const v4 = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
	const [first, second] = groups as [number, number];
	const last = v4(groups[6]!, groups[7]!);
	const zerosUntil = (end: number, start = 0) => groups.slice(start, end).every((g) => g === 0);
	if (zerosUntil(5) && (groups[5] === 0xffff || groups[5] === 0)) return last;
	if (zerosUntil(4) && groups[4] === 0xffff && groups[5] === 0) return last;
	if (first === 0x64 && second === 0xff9b) return zerosUntil(6, 2) ? last : '0.0.0.0';
	return first === 0x2002 ? v4(second, groups[2]!) : undefined;
}
