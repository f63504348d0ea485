/** How often an open page asks for news, in seconds. */
export const REFRESH_SECONDS = 3;

/**
 * What keeps an open page current; without it the page loads itself anew.
 *
 * Where the host can stream it listens for what changes, as long as it is looked at: a browser keeps
 * only a few connections to one address. Elsewhere, and when listening is refused, it asks for the
 * page's content and gets nothing while nothing has changed. It replaces only what is different, so
 * that scrolling, selection and focus stay. When asking is refused too (behind a password a page of
 * n8n's webhooks cannot send it along) it loads the page anew.
 */
export const SCRIPT = `(() => {
	const every = ${REFRESH_SECONDS * 1000};
	const reload = () => location.reload();
	const text = (ms) => {
		const s = Math.round(ms / 1000);
		if (ms < 1e4) return (ms / 1000).toFixed(1) + ' s';
		if (s < 60) return s + ' s';
		const [large, unit, small, rest] =
			s < 3600 ? [60, 'min', 1, 's'] : s < 86400 ? [3600, 'h', 60, 'min'] : [86400, 'd', 3600, 'h'];
		const left = Math.floor((s % large) / small);
		return Math.floor(s / large) + ' ' + unit + (left ? ' ' + left + ' ' + rest : '');
	};
	const tick = () => {
		for (const one of document.querySelectorAll('[data-since]')) {
			one.textContent = text(Date.now() - skew - Number(one.dataset.since));
		}
	};
	const localTimes = () => {
		for (const one of document.querySelectorAll('time[datetime]')) {
			one.textContent = new Date(one.dateTime).toLocaleString();
		}
	};
	const hasText = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
	const isKeyed = ({ children }) => [...children].every((child) => child.dataset.key);
	const fits = (old, fresh) =>
		old.childElementCount === fresh.childElementCount &&
		[...old.children].every((one, index) => one.nodeName === fresh.children[index].nodeName);
	const canMerge = (old, fresh) =>
		old.nodeName === fresh.nodeName &&
		fresh.childElementCount > 0 &&
		!hasText(old) &&
		!hasText(fresh) &&
		((isKeyed(old) && isKeyed(fresh)) || fits(old, fresh));
	const mergeKeyed = (old, fresh) => {
		const known = new Map([...old.children].map((child) => [child.dataset.key, child]));
		let next = old.firstElementChild;
		for (const child of [...fresh.children]) {
			const same = known.get(child.dataset.key);
			known.delete(child.dataset.key);
			if (same !== undefined && same === next) next = next.nextElementSibling;
			else old.insertBefore(same ?? child, next);
			if (same) merge(same, child);
		}
		for (const gone of known.values()) gone.remove();
	};
	const merge = (old, fresh) => {
		if (old.isEqualNode(fresh)) return;
		if (!canMerge(old, fresh)) return old.replaceWith(fresh);
		for (const { name } of [...old.attributes]) {
			if (!fresh.hasAttribute(name)) old.removeAttribute(name);
		}
		for (const { name, value } of fresh.attributes) {
			if (old.getAttribute(name) !== value) old.setAttribute(name, value);
		}
		if (isKeyed(old) && isKeyed(fresh)) return mergeKeyed(old, fresh);
		const children = [...fresh.children];
		[...old.children].forEach((child, index) => merge(child, children[index]));
	};
	const main = () => document.querySelector('main');
	let skew = Date.now() - Number(main().dataset.now);
	const show = (page) => {
		const fresh = new DOMParser().parseFromString(page, 'text/html').querySelector('main');
		if (!fresh) return reload();
		skew = Date.now() - Number(fresh.dataset.now);
		merge(main(), fresh);
		localTimes();
		tick();
	};
	const address = (part) => {
		const url = new URL(location.href);
		url.searchParams.set('part', part);
		url.searchParams.set('seen', main().dataset.version);
		return url;
	};
	const streams = main().dataset.streams === 'yes';
	const credentials = streams ? 'same-origin' : 'omit';
	const ask = async () => {
		if (main().dataset.live !== 'yes') return;
		setTimeout(ask, every);
		if (document.hidden) return;
		const answer = await fetch(address('live'), { cache: 'no-store', credentials }).catch(() => 0);
		if (!answer || !answer.ok) return reload();
		if (answer.status === 204) return;
		show(await answer.text());
	};
	let source;
	const listen = () => {
		if (document.hidden || main().dataset.live !== 'yes') return;
		source = new EventSource(address('stream'));
		source.addEventListener('page', ({ data }) => show(data));
		source.addEventListener('end', () => source.close());
		source.addEventListener('error', () => {
			if (source.readyState !== 2) return;
			document.removeEventListener('visibilitychange', turn);
			setTimeout(ask, every);
		});
	};
	const turn = () => {
		if (document.hidden) source?.close();
		else listen();
	};
	localTimes();
	tick();
	setInterval(tick, 1000);
	if (streams) {
		document.addEventListener('visibilitychange', turn);
		listen();
	} else setTimeout(ask, every);
})();`;
