/** A clock that stands still: everything answers at once, and no limit of time is ever reached. */
export const runtime = {
	monotonic: () => 0,
	now: () => Date.UTC(2026, 0, 1),
	random: () => 0.5,
	sleep: () => Promise.resolve(),
	setTimer: () => ({ cancel: () => undefined }),
	newId: () => 'id',
};
