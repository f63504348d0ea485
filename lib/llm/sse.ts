/**
 * The data of each event of a server-sent event stream, in order.
 *
 * Lines that carry no data (comments, event names, ids) are passed over; an event of several data
 * lines is joined by newlines. Works for any split of the text into pieces.
 *
 * @see WHATWG HTML, section 9.2.6, "Interpreting an event stream"
 */
export async function* serverSentEvents(chunks: AsyncIterable<string>): AsyncGenerator<string> {
	let rest = '';
	let data: string[] = [];
	for await (const chunk of chunks) {
		const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
		rest = lines.pop()!;
		for (const line of lines) {
			if (line !== '') {
				data.push(...dataOf(line));
			} else if (data.length > 0) {
				yield data.join('\n');
				data = [];
			}
		}
	}
	// Some servers end without the last empty line; what they sent is still an event.
	data.push(...dataOf(rest));
	if (data.length > 0) yield data.join('\n');
}

function dataOf(line: string): string[] {
	const match = /^data: ?([^\r]*)/.exec(line);
	return match === null ? [] : [match[1]!];
}
