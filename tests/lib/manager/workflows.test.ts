import { builtInKinds, memoryStore, stepKinds, VirtualRuntime, Workflows } from '../../../lib';

function stored() {
	const runtime = new VirtualRuntime();
	return {
		runtime,
		workflows: new Workflows(memoryStore(runtime), runtime, stepKinds(...builtInKinds)),
	};
}

const one = { name: 'One', steps: [{ kind: 'transform' }] };

describe('stored workflows', () => {
	it('are created under their own id or a new one', async () => {
		const { workflows, runtime } = stored();
		const own = await workflows.create({ workflow_id: 'lead_processing', ...one });
		expect(own).toMatchObject({
			id: 'lead_processing',
			name: 'One',
			version: 1,
			createdAt: runtime.now(),
			updatedAt: runtime.now(),
		});
		expect(own.definitionHash).toMatch(/^[0-9a-f]{64}$/);
		expect((await workflows.create(one)).id).toBe('id-1');
		await expect(workflows.create({ id: 'lead_processing', ...one })).rejects.toMatchObject({
			code: 'STORE_CONFLICT',
		});
	});

	it('keep every version', async () => {
		const { workflows, runtime } = stored();
		const { id, createdAt } = await workflows.create({ id: 'w', ...one });
		await runtime.advance(1000);
		const second = await workflows.update(id, { name: 'Two', description: 'd' });
		expect(second).toMatchObject({
			version: 2,
			name: 'Two',
			createdAt,
			updatedAt: createdAt + 1000,
		});
		expect(await workflows.addStep(id, { id: 'x', kind: 'wait' })).toMatchObject({ version: 3 });
		expect((await workflows.get(id, 1)).definition).toMatchObject({
			name: 'One',
			steps: [{ id: 'step-1' }],
		});
		expect((await workflows.get(id)).definition).toMatchObject({
			name: 'Two',
			steps: [{}, { id: 'x', dependencies: [{ on: 'step-1' }] }],
		});
		await expect(workflows.get(id, 4)).rejects.toMatchObject({
			message: 'There is no workflow "w@4".',
		});
		expect(await workflows.find('nobody')).toBeUndefined();
	});

	it('stay as they are when a change would break them', async () => {
		const { workflows } = stored();
		await workflows.create({ id: 'w', ...one });
		await expect(workflows.update('w', { steps: [{ kind: 'nope' }] })).rejects.toThrow(
			'not registered',
		);
		await expect(workflows.addStep('w', { kind: 'wait', depends_on: ['x'] })).rejects.toThrow(
			'does not exist',
		);
		await expect(workflows.update('x', {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
		expect((await workflows.get('w')).version).toBe(1);
	});

	it('cannot be renamed to another id by an update', async () => {
		const { workflows } = stored();
		await workflows.create({ id: 'w', ...one });
		expect((await workflows.update('w', { id: 'other' })).id).toBe('w');
	});

	it('are listed with the last updated first, in pages', async () => {
		const { workflows, runtime } = stored();
		for (const id of ['a', 'b', 'c']) {
			await workflows.create({ id, ...one });
			await runtime.advance(10);
		}
		await workflows.update('a', { name: 'A' });
		const ids = async (limit: number, offset: number) =>
			(await workflows.list({ limit, offset })).workflows.map(({ id }) => id);
		expect(await ids(2, 0)).toEqual(['a', 'c']);
		expect(await ids(2, 2)).toEqual(['b']);
		expect((await workflows.list()).total).toBe(3);
	});

	it('are deleted with all their versions', async () => {
		const { workflows } = stored();
		await workflows.create({ id: 'w', ...one });
		await workflows.update('w', { name: 'Two' });
		expect(await workflows.delete('w')).toBe(true);
		expect(await workflows.delete('w')).toBe(false);
		expect(await workflows.find('w', 1)).toBeUndefined();
		expect(await workflows.find('w', 2)).toBeUndefined();
	});

	it('are checked without being stored', async () => {
		const { workflows } = stored();
		expect(workflows.validate(one)).toMatchObject({ name: 'One', order: 'sequence' });
		expect(() => workflows.validate({ name: 'w', steps: [{ kind: 'brnch' }] })).toThrow(
			'(did you mean "branch"?)',
		);
		expect((await workflows.list()).total).toBe(0);
	});
});
