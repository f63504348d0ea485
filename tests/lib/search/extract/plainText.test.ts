import { plainText } from '../../../../lib/search/extract/plainText';
import { elementsOf, firstElement, textOfXml } from '../../../../lib/search/extract/xml';

describe('plainText', () => {
	it.each([
		['<span class="searchmatch">Tram</span>s &amp; buses', 'Trams & buses'],
		['<p>One</p><p>Two</p>', 'One Two'],
		['<jats:p>H<jats:sub>2</jats:sub>O</jats:p>', 'H2O'],
		['if a < b and c > d', 'if a < b and c > d'],
		['a<br>b', 'a b'],
		['<script>alert(1)</script>safe<style>x{}</style>', 'safe'],
		['&lt;b&gt; &#x1F68B; &euro; &#0; &#xD800;', '<b> 🚋 € \ufffd \ufffd'],
		['a\u200b\u202eb \u00a0 c', 'ab c'],
	])('makes %j into %j', (html, text) => {
		expect(plainText(html)).toBe(text);
	});
});

describe('elementsOf', () => {
	const xml = '<a x="1"><b>1 &amp; 2</b><b/><b y="2">3<i>!</i></b></a><b>out</b><b>open';

	it('gives the content of elements, without empty and unclosed ones', () => {
		expect(elementsOf(firstElement(xml, 'a')!, 'b').map(textOfXml)).toEqual(['1 & 2', '3!']);
		expect(elementsOf(xml, 'b')).toHaveLength(3);
	});

	it('knows a name from a longer one', () => {
		expect(firstElement('<idlist>x</idlist><id>y</id>', 'id')).toBe('y');
		expect(firstElement('<a/>', 'id')).toBeUndefined();
	});
});
