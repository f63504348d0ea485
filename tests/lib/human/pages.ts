/** The number that a page carries. */
export function nonceIn(page: string): string {
	return /name="nonce" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

/** Every tag of a page with its attributes, as written. */
export function tagsIn(markup: string): string[] {
	return markup.match(/<\/?[a-z!][^>]*>/gi) ?? [];
}

/** Text of markup that holds no tags, as a browser would read it. */
export function unescaped(markup: string): string {
	const entities: Record<string, string> = {
		'&lt;': '<',
		'&gt;': '>',
		'&quot;': '"',
		'&#39;': "'",
		'&#96;': '`',
		'&amp;': '&',
	};
	return markup.replace(/&(lt|gt|quot|#39|#96|amp);/g, (entity) => entities[entity]!);
}
