import { LivePages, VirtualRuntime } from '../../../lib';
import type { OpenPage, PageReader } from '../../../lib';
import { html } from '../../../lib/page';
import type { PageContent } from '../../../lib/monitor/pageFrame';

function page(version: string, live = true): PageContent {
	const sections = [html`<p data-key="text">${`Version\r${version}`}</p>`];
	return { title: 'Run', sections, version, live, now: 0 };
}

/** Open pages of one process, and the page that they all show. */
function world() {
	const runtime = new VirtualRuntime({ startAt: 0 });
	const pages = new LivePages(runtime);
	let content: () => Promise<PageContent | undefined> = async () =>
		await Promise.resolve(page('1'));
	let looks = 0;
	const open: OpenPage = {
		key: 'run',
		seen: '1',
		look: async () => {
			looks++;
			return await content();
		},
	};
	return {
		runtime,
		/** Lets somebody follow the page. */
		follow: (changes: Partial<OpenPage> = {}) => {
			const written: string[] = [];
			const reader: { -readonly [Name in keyof PageReader]: PageReader[Name] } & {
				ended: boolean;
				written: string[];
			} = {
				busy: false,
				ended: false,
				written,
				write: (text: string) => void written.push(text),
				end: () => void (reader.ended = true),
			};
			return { reader, stop: pages.follow({ ...open, ...changes }, reader) };
		},
		show: (next: PageContent | undefined) => {
			content = async () => await Promise.resolve(next);
		},
		fail: () => {
			content = async () => await Promise.reject(new Error('The store is away.'));
		},
		get looks() {
			return looks;
		},
	};
}

const versions = (written: readonly string[]) =>
	written.flatMap((text) => /^id: (\w+)\nevent: page\n/.exec(text)?.[1] ?? []);

describe('the stream of an open page', () => {
	it('brings the page whenever it has changed, and nothing else', async () => {
		const { runtime, follow, show } = world();
		const { reader } = follow();
		await runtime.advance(5000);
		expect(reader.written).toEqual(['retry: 2000\n\n']);
		show(page('2'));
		await runtime.advance(1000);
		expect(versions(reader.written)).toEqual(['2']);
		// Whatever a page holds, each of its lines is a line of the event.
		const [first, second, ...lines] = reader.written[1]!.trimEnd().split('\n');
		expect([first, second]).toEqual(['id: 2', 'event: page']);
		expect(lines.every((line) => /^data: [^\r]*$/.test(line))).toBe(true);
		expect(lines.join('\n')).toContain('data-streams="yes"');
	});

	it('begins with the page when an older one is shown', async () => {
		const { runtime, follow } = world();
		const { reader } = follow({ seen: undefined });
		await runtime.advance(0);
		expect(versions(reader.written)).toEqual(['1']);
	});

	it('ends when nothing can change any more, with the last page', async () => {
		const { runtime, follow, show } = world();
		const { reader } = follow();
		await runtime.advance(1000);
		show(page('2', false));
		await runtime.advance(1000);
		expect(versions(reader.written)).toEqual(['2']);
		expect(reader.written.at(-1)).toBe('event: end\ndata:\n\n');
		expect(reader.ended).toBe(true);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('ends when what it shows is gone', async () => {
		const { runtime, follow, show } = world();
		const { reader } = follow();
		show(undefined);
		await runtime.advance(1000);
		expect(reader.written.slice(1)).toEqual(['event: end\ndata:\n\n']);
		expect(reader.ended).toBe(true);
	});

	it('says every 15 seconds that it is there, so that nobody cuts it', async () => {
		const { runtime, follow } = world();
		const { reader } = follow();
		await runtime.advance(31_000);
		expect(reader.written.slice(1)).toEqual([': still here\n\n', ': still here\n\n']);
	});

	it('is ended after five minutes: the page comes back and shows that it still may', async () => {
		const { runtime, follow } = world();
		const { reader } = follow();
		await runtime.advance(5 * 60_000 - 1);
		expect(reader.ended).toBe(false);
		await runtime.advance(1001);
		expect(reader.ended).toBe(true);
		expect(reader.written.at(-1)).not.toContain('event: end');
	});

	it('waits for a slow reader, and gives it the newest page then', async () => {
		const { runtime, follow, show } = world();
		const { reader } = follow();
		reader.busy = true;
		show(page('2'));
		await runtime.advance(2000);
		show(page('3'));
		await runtime.advance(2000);
		expect(versions(reader.written)).toEqual([]);
		reader.busy = false;
		await runtime.advance(1000);
		expect(versions(reader.written)).toEqual(['3']);
		reader.busy = true;
		await runtime.advance(5 * 60_000);
		expect(reader.ended).toBe(true);
	});

	it('goes on when the store was away', async () => {
		const { runtime, follow, show, fail } = world();
		const { reader } = follow();
		fail();
		await runtime.advance(3000);
		show(page('2'));
		await runtime.advance(1000);
		expect(versions(reader.written)).toEqual(['2']);
	});

	it('looks once for all who show the same, and not at all for nobody', async () => {
		const live = world();
		const all = Array.from({ length: 10 }, () => live.follow());
		await live.runtime.advance(10_000);
		expect(live.looks).toBe(11);
		for (const { stop } of all) stop!();
		all[0]!.stop!();
		await live.runtime.advance(10_000);
		expect(live.looks).toBe(11);
		expect(live.runtime.pendingTimers).toBe(0);
	});

	it('is refused to the 51st at a time', () => {
		const { follow } = world();
		const all = Array.from({ length: 51 }, (_, at) => follow({ key: `run ${at % 3}` }));
		expect(all.map(({ stop }) => stop !== undefined).indexOf(false)).toBe(50);
		all[7]!.stop!();
		expect(follow().stop).toBeDefined();
	});
});
