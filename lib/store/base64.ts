/** How many bytes become characters at once: more would not fit into the arguments of a call. */
const CHUNK = 32_768;

/** Bytes as base64 text. */
export function bytesToText(bytes: Uint8Array): string {
	let binary = '';
	for (let at = 0; at < bytes.length; at += CHUNK) {
		binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
	}
	return btoa(binary);
}

/** Base64 text as bytes. */
export function bytesFromText(text: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
