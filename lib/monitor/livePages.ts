import type { Runtime, Timer } from '../core';
import { pageMain, type PageContent } from './pageFrame';

/** Somebody who has a page open and listens for what changes. */
export interface PageReader {
	/** Whether what was written has not been sent yet: then nothing more is written. */
	readonly busy: boolean;
	/** Sends a piece of the stream, at once. */
	write(text: string): void;
	/** Ends the stream; a page that is still open comes back. */
	end(): void;
}

/** What an open page shows, and from where on it listens. */
export interface OpenPage {
	/** The same for all pages that show the same: they are looked after together. */
	key: string;
	/** The version that it shows. */
	seen: string | undefined;
	/** What it would show now; `undefined` when that is gone. */
	look: () => Promise<PageContent | undefined>;
}

/** Headers of a stream of server-sent events; proxies must not hold it back. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
	'Content-Type': 'text/event-stream; charset=utf-8',
	'Cache-Control': 'no-store',
	'X-Accel-Buffering': 'no',
	'X-Content-Type-Options': 'nosniff',
};

/** Shortest pause between two looks, in milliseconds. */
const LOOK_MS = 1000;

/** A look is followed by a pause so many times as long, so that large runs cost little. */
const PAUSE_FACTOR = 40;

/** A silent stream says this often that it is there, in milliseconds: proxies cut silent ones. */
const HEARTBEAT_MS = 15_000;

/** After so long a page has to come back, in milliseconds, and to show again that it may. */
const LONGEST_MS = 5 * 60_000;

/** Most pages that listen at a time; others ask. */
const MAX_READERS = 50;

/**
 * Streams of server-sent events for open pages: `page` with the new content whenever it has changed,
 * `end` when nothing can change any more. Pages that show the same share the looking.
 */
export class LivePages {
	private readonly channels = new Map<string, Channel>();

	constructor(private readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer'>) {}

	/**
	 * Lets a reader follow a page.
	 *
	 * @returns ends it; `undefined` when too many follow already
	 */
	follow(page: OpenPage, reader: PageReader): (() => void) | undefined {
		const readers = [...this.channels.values()].reduce((sum, { size }) => sum + size, 0);
		if (readers >= MAX_READERS) return undefined;
		const { key, look } = page;
		const channel =
			this.channels.get(key) ??
			new Channel(this.runtime, look, () => void this.channels.delete(key));
		this.channels.set(key, channel);
		channel.join(reader, page.seen);
		return () => channel.leave(reader);
	}
}

interface Following {
	reader: PageReader;
	seen: string | undefined;
	since: number;
	wroteAt: number;
}

/** All readers of one page. */
class Channel {
	private readonly following = new Map<PageReader, Following>();
	private timer: Timer | undefined;

	constructor(
		private readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
		private readonly look: () => Promise<PageContent | undefined>,
		private readonly onEmpty: () => void,
	) {
		this.pause(0);
	}

	get size(): number {
		return this.following.size;
	}

	join(reader: PageReader, seen: string | undefined): void {
		const now = this.runtime.monotonic();
		this.following.set(reader, { reader, seen, since: now, wroteAt: now });
		reader.write('retry: 2000\n\n');
	}

	leave(reader: PageReader): void {
		if (!this.following.delete(reader) || this.size > 0) return;
		this.timer?.cancel();
		this.onEmpty();
	}

	private pause(ms: number): void {
		this.timer = this.runtime.setTimer(ms, () => void this.turn());
	}

	private async turn(): Promise<void> {
		const startedAt = this.runtime.monotonic();
		// A store that does not answer now is asked again.
		const found = await this.look().then(
			(content) => ({ content }),
			() => undefined,
		);
		if (found !== undefined) this.tell(found.content);
		if (this.size === 0) return;
		this.pause(Math.max(LOOK_MS, PAUSE_FACTOR * (this.runtime.monotonic() - startedAt)));
	}

	private tell(content: PageContent | undefined): void {
		let event: string | undefined;
		const news = (): string => (event ??= content === undefined ? END : pageEvent(content));
		const now = this.runtime.monotonic();
		for (const following of [...this.following.values()]) {
			if (!following.reader.busy) this.tellOne(following, content, news, now);
			if (now - following.since >= LONGEST_MS) this.end(following);
		}
	}

	private tellOne(
		following: Following,
		content: PageContent | undefined,
		news: () => string,
		now: number,
	): void {
		const { reader, seen, wroteAt } = following;
		const write = (text: string): void => {
			reader.write(text);
			following.wroteAt = now;
		};
		if (seen !== content?.version) write(news());
		else if (now - wroteAt >= HEARTBEAT_MS) write(': still here\n\n');
		following.seen = content?.version;
		if (content?.live === true) return;
		if (content !== undefined) write(END);
		this.end(following);
	}

	private end({ reader }: Following): void {
		if (!this.following.has(reader)) return;
		this.leave(reader);
		reader.end();
	}
}

const END = 'event: end\ndata:\n\n';

function pageEvent(content: PageContent): string {
	const lines = pageMain(content, { streams: true }).text.split(/\r\n|\r|\n/);
	return `id: ${content.version}\nevent: page\n${lines.map((line) => `data: ${line}\n`).join('')}\n`;
}
