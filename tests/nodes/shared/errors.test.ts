import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import type { INode } from 'n8n-workflow';

import { EngineError, ValidationError, redactor } from '../../../lib';
import { toNodeError } from '../../../nodes/shared/errors';

const node: INode = {
	id: '1',
	name: 'Task',
	type: 'n8n-nodes-agent-swarm.agentTask',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

describe('toNodeError', () => {
	it('makes an operation error of what the user can fix here', () => {
		const error = toNodeError(
			node,
			new ValidationError('Task is empty.', { hint: 'Write one' }),
			3,
		);

		expect(error).toBeInstanceOf(NodeOperationError);
		expect(error).toMatchObject({ message: 'Task is empty.', description: 'Write one' });
		expect(error.context.itemIndex).toBe(3);
	});

	it('makes an API error of what a service answered, with its status', () => {
		const error = toNodeError(
			node,
			new EngineError('X', 'The service says no.', {
				errorClass: 'auth',
				details: { status: 401 },
			}),
			0,
		);

		expect(error).toBeInstanceOf(NodeApiError);
		expect(error).toMatchObject({
			message: 'The service says no.',
			description: 'Check the credential of this node',
			httpCode: '401',
		});
	});

	it('takes secrets out of the message and the hint', () => {
		const error = toNodeError(
			node,
			new EngineError('X', 'Key k-123456 is wrong.', { hint: 'Replace k-123456' }),
			0,
			redactor(['k-123456']),
		);

		expect(error.message).toBe('Key [redacted] is wrong.');
		expect(error.description).toBe('Replace [redacted]');
	});

	it('leaves causes behind, which n8n would store', () => {
		const cause = new Error('request with Bearer k-123456');
		const error = toNodeError(node, new EngineError('X', 'It failed.', { cause }));

		expect(JSON.stringify(error)).not.toContain('k-123456');
	});

	it('keeps errors that n8n made, and adds the item', () => {
		const original = new NodeOperationError(node, 'No credential', { description: 'Add one' });

		expect(toNodeError(node, original, 2)).toBe(original);
		expect(original.context.itemIndex).toBe(2);
	});

	it('keeps the advice of other errors of n8n, such as those of expressions', () => {
		const error = toNodeError(node, Object.assign(new Error('Bad'), { description: 'Do this' }), 1);
		expect(error).toMatchObject({ message: 'Bad', description: 'Do this' });
	});

	it('copes with anything thrown', () => {
		expect(toNodeError(node, 'just text').message).toBe('just text');
	});
});
