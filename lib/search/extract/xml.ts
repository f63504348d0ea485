import { decodeEntities } from './entities';

/**
 * The content of every element of a name in a piece of XML, in order; an element inside another of
 * its own name is not expected. One pass.
 *
 * @returns what stands between the tags, still as XML; see {@link textOfXml}
 */
export function elementsOf(xml: string, name: string): string[] {
	return [...elementEntries(xml, name)].map(({ content }) => content);
}

/** The content of the first element of a name, or `undefined`. */
export function firstElement(xml: string, name: string): string | undefined {
	for (const { content } of elementEntries(xml, name)) return content;
	return undefined;
}

function* elementEntries(xml: string, name: string): Generator<{ content: string }> {
	const opening = new RegExp(`<${name}(?=[\\s/>])[^<>]*>`, 'g');
	for (let match = opening.exec(xml); match !== null; match = opening.exec(xml)) {
		if (match[0].endsWith('/>')) continue;
		const end = xml.indexOf(`</${name}>`, opening.lastIndex);
		if (end === -1) return;
		yield { content: xml.slice(opening.lastIndex, end) };
		opening.lastIndex = end;
	}
}

/** The text of a piece of XML: no tags, entities decoded, single spaces. */
export function textOfXml(xml: string): string {
	return decodeEntities(xml.replace(/<[^<>]*>/g, ''))
		.replace(/\s+/g, ' ')
		.trim();
}
