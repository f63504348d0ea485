import { memoryStore, Receipts, type Store } from '../../../lib';
import { ManualRuntime } from '../store/manualRuntime';

describe('receipts', () => {
	const runtime = new ManualRuntime();
	let store: Store;
	let drawn = 0;
	runtime.random = () => (drawn += 0.001);

	beforeEach(() => {
		store = memoryStore(runtime);
	});

	const by = (owner: string) => new Receipts({ store, runtime, owner });

	it('let the first caller do it, and tell later ones what came of it', async () => {
		const claim = await by('a').claim('r', 'charge');
		expect(claim).toMatchObject({ outcome: 'do', receipt: { claimedBy: 'a', attempt: 1 } });
		await by('a').confirm('r', 'charge', { id: 'ch_1' }, claim.receipt.token);
		expect(await by('b').claim('r', 'charge')).toMatchObject({
			outcome: 'done',
			receipt: { result: { id: 'ch_1' } },
		});
	});

	it('say that the outcome is unknown when nobody told', async () => {
		await by('a').claim('r', 'charge');
		expect(await by('b').claim('r', 'charge')).toMatchObject({
			outcome: 'unknown',
			receipt: { claimedBy: 'a' },
		});
	});

	it('let one of many callers of the same moment do it', async () => {
		const answers = await Promise.all(
			Array.from({ length: 20 }, async (_, n) => await by(`c${n}`).claim('r', 'charge')),
		);
		expect(answers.filter(({ outcome }) => outcome === 'do')).toHaveLength(1);
	});

	it('can be claimed again, under the same idempotency key', async () => {
		const first = await by('a').claim('r', 'charge');
		const second = await by('b').claim('r', 'charge', { whenUnknown: 'retry' });
		expect(second).toMatchObject({ outcome: 'do', receipt: { attempt: 2 } });
		expect(second.receipt.idempotencyKey).toBe(first.receipt.idempotencyKey);
		await expect(by('a').confirm('r', 'charge', 1, first.receipt.token)).rejects.toMatchObject({
			code: 'RECEIPT_SUPERSEDED',
		});
	});

	it('cannot be confirmed by one who gave them back, when somebody else has claimed them', async () => {
		const first = await by('a').claim('r', 'charge');
		await by('a').release('r', 'charge', first.receipt.token);
		const second = await by('b').claim('r', 'charge');
		expect(second.receipt.attempt).toBe(first.receipt.attempt);
		await expect(by('a').confirm('r', 'charge', 1, first.receipt.token)).rejects.toMatchObject({
			code: 'RECEIPT_SUPERSEDED',
		});
		await by('b').confirm('r', 'charge', 2, second.receipt.token);
	});

	it('of an earlier version are confirmed by the number of their attempt', async () => {
		const { receipt } = await by('a').claim('r', 'charge');
		const [stored] = (await store.list('receipts')).documents;
		const earlier = { ...(JSON.parse(stored!.value) as object), token: undefined };
		await store.put({ ...stored!, value: JSON.stringify(earlier) });
		expect(receipt.token).not.toBe(1);
		expect(await by('a').confirm('r', 'charge', 'done', 1)).toMatchObject({ result: 'done' });
	});

	it('keep the first result when confirmed twice', async () => {
		await by('a').claim('r', 'charge');
		await by('a').confirm('r', 'charge', 'first');
		expect(await by('a').confirm('r', 'charge', 'second')).toMatchObject({ result: 'first' });
	});

	it('are free again when it did not happen', async () => {
		await by('a').claim('r', 'charge');
		await by('a').release('r', 'charge');
		expect(await by('b').claim('r', 'charge')).toMatchObject({ outcome: 'do' });
	});

	it('cannot be confirmed when nobody claimed them', async () => {
		await expect(by('a').confirm('r', 'charge', 1)).rejects.toMatchObject({
			code: 'RECEIPT_MISSING',
		});
	});
});
