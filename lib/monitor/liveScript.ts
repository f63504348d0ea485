/** How often an open page asks for news, in seconds. */
export const REFRESH_SECONDS = 3;

/**
 * What keeps an open page current; without it the page loads itself anew.
 *
 * It asks for the page's content, gets nothing while nothing has changed, and replaces only what is
 * different, so that scrolling, selection and focus stay. When asking is refused (a page behind a
 * password cannot send it along) it loads the page anew.
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
	const keysOf = (node) => [...node.children].map((child) => child.dataset.key);
	const merge = (old, fresh) => {
		if (old.isEqualNode(fresh)) return;
		const keys = keysOf(fresh);
		const same = keys.length > 0 && String(keys) === String(keysOf(old)) && keys.every(Boolean);
		if (!same) return old.replaceWith(fresh);
		const children = [...fresh.children];
		[...old.children].forEach((child, index) => merge(child, children[index]));
	};
	const main = () => document.querySelector('main');
	let skew = Date.now() - Number(main().dataset.now);
	const news = async () => {
		if (main().dataset.live !== 'yes') return;
		setTimeout(news, every);
		if (document.hidden) return;
		const address = new URL(location.href);
		address.searchParams.set('part', 'live');
		address.searchParams.set('seen', main().dataset.version);
		const answer = await fetch(address, { cache: 'no-store', credentials: 'omit' }).catch(() => 0);
		if (!answer || !answer.ok) return reload();
		if (answer.status === 204) return;
		const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
		if (!fresh) return reload();
		skew = Date.now() - Number(fresh.dataset.now);
		const { version, live, now } = fresh.dataset;
		merge(main(), fresh);
		Object.assign(main().dataset, { version, live, now });
		localTimes();
		tick();
	};
	localTimes();
	tick();
	setInterval(tick, 1000);
	setTimeout(news, every);
})();`;
