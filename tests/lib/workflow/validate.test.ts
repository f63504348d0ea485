import { runWorkflow, VirtualRuntime } from '../../../lib';

const schema = {
	type: 'object',
	required: ['name', 'seats'],
	properties: { name: { type: 'string' }, seats: { type: 'number', minimum: 1 } },
};

async function outcome(input: unknown, parameters: object = { schema }) {
	const runtime = new VirtualRuntime();
	const steps = [
		{ id: 'check', step_type: 'data_validation', input: '{{ input }}', parameters },
		{ id: 'use', kind: 'transform', parameters: { value: 'Boat {{ steps.check.output.name }}' } },
	];
	const run = runWorkflow({ name: 'w', steps }, { runtime, input: input as never });
	return await runtime.until(run);
}

describe('a step that validates data', () => {
	it('lets data through that fits', async () => {
		expect(await outcome({ name: 'Ada', seats: 4 })).toMatchObject({
			status: 'completed',
			output: 'Boat Ada',
		});
	});

	it('fails with everything that does not fit; what needs it does not run', async () => {
		const result = await outcome({ seats: 0 });
		expect(result).toMatchObject({ status: 'failed', error: { errorClass: 'validation' } });
		expect(result.error!.message).toMatch(/The data of step "check" is not valid: .*name.*seats/);
		expect(result.outputs.use).toBeUndefined();
	});

	it('takes the schema as it is: nothing in it is a template', async () => {
		const odd = { schema: { const: '{{ input }}' } };
		expect((await outcome('{{ input }}', odd)).outputs.check).toBe('{{ input }}');
	});

	it('is refused without a schema, before anything runs', async () => {
		await expect(outcome({}, { schema: 'text' })).rejects.toThrow(/schema must be a JSON Schema/);
	});
});
