import { canonicalJson } from './json';

// The engine imports nothing but itself, and the platform's own digest is asynchronous; ledger
// keys are needed synchronously, so the digest is written out here (FIPS 180-4, section 6.2).

const INITIAL = fractionalBits((prime) => Math.sqrt(prime), 8);
const ROUND = fractionalBits((prime) => Math.cbrt(prime), 64);

/** The bytes as two hexadecimal digits each. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const UTF8 = new TextEncoder();

/** SHA-256 of a text (UTF-8) or of bytes, as 64 lower-case hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
	return toHex(digest(typeof data === 'string' ? UTF8.encode(data) : data));
}

/** SHA-256 of any JSON-safe value; equal data gives the same hash whatever the order of its keys. */
export function hashOf(value: unknown): string {
	return sha256(canonicalJson(value));
}

/**
 * HMAC-SHA-256 of a text, as 64 lower-case hexadecimal digits.
 *
 * @see RFC 2104
 */
export function hmacSha256(key: string, text: string): string {
	const block = new Uint8Array(64);
	const raw = UTF8.encode(key);
	block.set(raw.length > block.length ? digest(raw) : raw);
	const inner = digest(concat(xor(block, 0x36), UTF8.encode(text)));
	return toHex(digest(concat(xor(block, 0x5c), inner)));
}

function digest(bytes: Uint8Array): Uint8Array {
	const state = Uint32Array.from(INITIAL);
	const padded = pad(bytes);
	const view = new DataView(padded.buffer);
	const schedule = new Uint32Array(64);
	for (let offset = 0; offset < padded.length; offset += 64) {
		for (let i = 0; i < 16; i++) schedule[i] = view.getUint32(offset + i * 4);
		compress(state, schedule);
	}
	const result = new Uint8Array(32);
	const out = new DataView(result.buffer);
	state.forEach((word, index) => out.setUint32(index * 4, word));
	return result;
}

/** Appends the bit `1`, zeros, and the length in bits as 64-bit big-endian. */
function pad(bytes: Uint8Array): Uint8Array {
	const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
	padded.set(bytes);
	padded[bytes.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
	view.setUint32(padded.length - 4, bytes.length << 3);
	return padded;
}

function compress(state: Uint32Array, w: Uint32Array): void {
	for (let i = 16; i < 64; i++) {
		const x = w[i - 15]!;
		const y = w[i - 2]!;
		const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
		const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
		w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
	}
	// Plain variables: swapping through arrays takes three times as long, and hashes are taken by the
	// ten thousand.
	let [a, b, c, d] = [state[0]!, state[1]!, state[2]!, state[3]!];
	let [e, f, g, h] = [state[4]!, state[5]!, state[6]!, state[7]!];
	for (let i = 0; i < 64; i++) {
		const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i]! + w[i]!) | 0;
		const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		h = g;
		g = f;
		f = e;
		e = (d + t1) | 0;
		d = c;
		c = b;
		b = a;
		a = (t1 + t2) | 0;
	}
	const words = [a, b, c, d, e, f, g, h];
	for (let i = 0; i < 8; i++) state[i] = state[i]! + words[i]!;
}

function rotate(word: number, by: number): number {
	return (word >>> by) | (word << (32 - by));
}

function xor(bytes: Uint8Array, mask: number): Uint8Array {
	return bytes.map((byte) => byte ^ mask);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
	const joined = new Uint8Array(first.length + second.length);
	joined.set(first);
	joined.set(second, first.length);
	return joined;
}

function toHex(bytes: Uint8Array): string {
	let hex = '';
	for (const byte of bytes) hex += HEX[byte]!;
	return hex;
}

/** The first 32 fractional bits of a root of each of the first `count` primes. */
function fractionalBits(root: (prime: number) => number, count: number): Uint32Array {
	const words = new Uint32Array(count);
	for (let prime = 2, found = 0; found < count; prime++) {
		if (!isPrime(prime)) continue;
		words[found++] = (root(prime) % 1) * 0x100000000;
	}
	return words;
}

function isPrime(n: number): boolean {
	for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
	return true;
}
