/** Byte order marks, by which a text says how it is encoded; they count more than anything else. */
const MARKS: ReadonlyArray<readonly [charset: string, bytes: readonly number[]]> = [
	['utf-8', [0xef, 0xbb, 0xbf]],
	['utf-16be', [0xfe, 0xff]],
	['utf-16le', [0xff, 0xfe]],
];

/** Where an HTML text says how it is encoded, if anywhere: in so many bytes at its beginning. */
const HEAD_BYTES = 1024;

const IN_HEADER = /charset\s*=\s*["']?([^\s;"']+)/i;
const IN_META = /<meta[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i;
const IN_XML = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)/i;

/**
 * Makes text of the bytes of an HTTP answer, piece by piece, without breaking characters.
 *
 * The charset is what a byte order mark says, else the `Content-Type`, else, for HTML, its `meta`
 * element, else UTF-8; one that nobody knows counts as UTF-8.
 *
 * @see https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
 */
export class BodyDecoder {
	private decoder: InstanceType<typeof TextDecoder> | undefined;
	private head = new Uint8Array(0);
	private readonly declared: string | undefined;
	private readonly isHtml: boolean;

	/** @param contentType - the header of that name */
	constructor(contentType = '') {
		this.declared = IN_HEADER.exec(contentType)?.[1];
		this.isHtml = /html/i.test(contentType);
	}

	/** The text of the next bytes, as far as it is known; the rest comes with the next call. */
	decode(bytes: Uint8Array): string {
		if (this.decoder !== undefined) return this.decoder.decode(bytes, { stream: true });
		this.head = joined(this.head, bytes);
		const isLooking = this.isHtml && this.declared === undefined;
		return isLooking && this.head.length < HEAD_BYTES ? '' : this.begin();
	}

	/** What is left when the last bytes have come. */
	end(): string {
		const text = this.decoder === undefined ? this.begin() : '';
		return text + this.decoder!.decode();
	}

	/** Settles the charset and decodes what has come so far. */
	private begin(): string {
		const { head } = this;
		this.decoder = decoderFor(
			markOf(head) ?? this.declared ?? (this.isHtml ? charsetInHtml(head) : 'utf-8'),
		);
		return this.decoder.decode(head, { stream: true });
	}
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(first.length + second.length);
	all.set(first);
	all.set(second, first.length);
	return all;
}

function markOf(bytes: Uint8Array): string | undefined {
	return MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte))?.[0];
}

function charsetInHtml(head: Uint8Array): string {
	const text = new TextDecoder('latin1').decode(head.subarray(0, HEAD_BYTES));
	const charset = (IN_META.exec(text) ?? IN_XML.exec(text))?.[1] ?? 'utf-8';
	// It could not be read like this if it were true.
	return /^utf-16/i.test(charset) ? 'utf-8' : charset;
}

function decoderFor(charset: string): InstanceType<typeof TextDecoder> {
	try {
		return new TextDecoder(charset);
	} catch {
		// No charset of that name is known.
		return new TextDecoder();
	}
}
