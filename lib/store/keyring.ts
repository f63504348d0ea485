import { z } from 'zod';

import { EngineError, parse, parseJson, ValidationError } from '../core';
import { bytesToText, bytesFromText } from './base64';
import { isStoreConflict } from './errors';
import type { Store } from './store';

/** Work factor of PBKDF2-HMAC-SHA-256 for new stores; every store keeps its own. */
const ITERATIONS = 600_000;
const MIN_PASSWORD_LENGTH = 12;
const KEY_BITS = 256;
const ID_BITS = 32;
const IV_BYTES = 12;

const saltSchema = z.object({ salt: z.string(), iterations: z.number().int().min(1) });

/** Encrypted text: format, key, nonce and the rest, in parts without spaces. */
const SEALED = /^e1 ([0-9a-f]{8}) ([A-Za-z0-9+/=]+) ([A-Za-z0-9+/=]+)$/;

type SecretKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

interface Key {
	id: string;
	key: SecretKey;
}

/** The keys of one store: the first encrypts, all of them decrypt. */
export class Keyring {
	private constructor(private readonly keys: readonly Key[]) {}

	/**
	 * Derives the keys of a store from passwords, by a salt that the store keeps.
	 *
	 * @param passwords - the present one first, then former ones; 12 characters or more each
	 * @throws {ValidationError} when one is too short; the message does not show it
	 */
	static async open(store: Store, passwords: readonly string[]): Promise<Keyring> {
		if (passwords.some((password) => password.length < MIN_PASSWORD_LENGTH)) {
			throw new ValidationError(
				`An encryption password has fewer than ${MIN_PASSWORD_LENGTH} characters.`,
				{ hint: 'Use a longer one, for example several words.' },
			);
		}
		const { salt, iterations } = await saltOf(store);
		const derive = async (password: string) =>
			await keyOf(password, bytesFromText(salt), iterations);
		return new Keyring(await Promise.all(passwords.map(derive)));
	}

	/**
	 * Encrypts a text (AES-256-GCM, a new nonce each time).
	 *
	 * @param context - where the text belongs; it can be decrypted there only
	 */
	async seal(text: string, context: string): Promise<string> {
		const { id, key } = this.keys[0]!;
		const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
		const algorithm = { name: 'AES-GCM', iv, additionalData: utf8(context) };
		const sealed = await crypto.subtle.encrypt(algorithm, key, utf8(text));
		return `e1 ${id} ${bytesToText(iv)} ${bytesToText(new Uint8Array(sealed))}`;
	}

	/**
	 * Decrypts what {@link seal} made.
	 *
	 * @throws {EngineError} `ENCRYPTION_KEY_UNKNOWN` when no password fits, `NOT_ENCRYPTED`, or
	 * `RECORD_CORRUPT` when the text was changed or belongs elsewhere
	 */
	async unseal(sealed: string, context: string): Promise<string> {
		const parts = SEALED.exec(sealed);
		if (parts === null) throw notEncrypted();
		const [, id, iv, data] = parts;
		const known = this.keys.find((key) => key.id === id);
		if (known === undefined) throw unknownKey();
		const algorithm = {
			name: 'AES-GCM',
			iv: bytesFromText(iv!),
			additionalData: utf8(context),
		};
		return await crypto.subtle.decrypt(algorithm, known.key, bytesFromText(data!)).then(
			(plain) => new TextDecoder().decode(plain),
			() => Promise.reject(changed()),
		);
	}
}

async function keyOf(password: string, salt: Bytes, iterations: number): Promise<Key> {
	const material = await crypto.subtle.importKey('raw', utf8(password), 'PBKDF2', false, [
		'deriveBits',
	]);
	const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
	const bits = await crypto.subtle.deriveBits(algorithm, material, KEY_BITS + ID_BITS);
	const bytes = new Uint8Array(bits);
	const usages: KeyUsage[] = ['encrypt', 'decrypt'];
	const raw = bytes.slice(0, KEY_BITS / 8);
	const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, usages);
	const id = Array.from(bytes.slice(KEY_BITS / 8), (byte) => byte.toString(16).padStart(2, '0'));
	return { id: id.join(''), key };
}

type Bytes = Uint8Array<ArrayBuffer>;
type KeyUsage = 'encrypt' | 'decrypt';

async function saltOf(store: Store): Promise<z.infer<typeof saltSchema>> {
	const known = await store.get('meta', 'encryption');
	if (known !== undefined) {
		return parse(saltSchema, parseJson(known.value), 'Encryption of the store');
	}
	const salt = bytesToText(crypto.getRandomValues(new Uint8Array(16)));
	const value = JSON.stringify({ salt, iterations: ITERATIONS });
	const write = { collection: 'meta', id: 'encryption', version: 0, value };
	return await store.put(write).then(
		() => ({ salt, iterations: ITERATIONS }),
		// Another process was faster: its salt is the salt.
		async (error: Error) =>
			isStoreConflict(error) ? await saltOf(store) : await Promise.reject(error),
	);
}

function utf8(text: string): Bytes {
	return new TextEncoder().encode(text);
}

function changed(): EngineError {
	return new EngineError(
		'RECORD_CORRUPT',
		'An encrypted record was changed, or moved from elsewhere, and is not used.',
		{ errorClass: 'validation' },
	);
}

function unknownKey(): EngineError {
	return new EngineError(
		'ENCRYPTION_KEY_UNKNOWN',
		'Data in the store was encrypted with a password that the credential does not have.',
		{
			errorClass: 'auth',
			hint: 'Add the password used before to Former Encryption Passwords of the credential.',
		},
	);
}

function notEncrypted(): EngineError {
	return new EngineError(
		'NOT_ENCRYPTED',
		'Data in the store is not encrypted, though the credential has an encryption password.',
		{
			errorClass: 'validation',
			hint: 'It was saved before the password was set, or somebody put it there. Delete that run, or use another Name Prefix or file.',
		},
	);
}
