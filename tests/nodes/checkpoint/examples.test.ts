import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IConnections, INode, INodeParameters, INodeProperties } from 'n8n-workflow';

import { Checkpoint } from '../../../nodes/Checkpoint/Checkpoint.node';

const FOLDER = join(__dirname, '../../../examples');

interface Example {
	nodes: INode[];
	connections: IConnections;
}

const read = (file: string) =>
	JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as unknown as Example;
const files = readdirSync(FOLDER).filter((file) => file.startsWith('checkpoint-'));

describe('the examples of the Checkpoint node', () => {
	it('are there', () => {
		expect(files).toHaveLength(3);
	});

	it.each(files)('%s uses fields and values that the node has', (file) => {
		const { properties } = new Checkpoint().description;
		const nodes = read(file).nodes.filter(({ type }) => type.endsWith('.checkpoint'));
		expect(nodes.length).toBeGreaterThan(0);
		for (const { parameters } of nodes) expectKnown(parameters, properties);
	});

	it.each(files)('%s connects nodes that are there', (file) => {
		const { nodes, connections } = read(file);
		const names = new Set(nodes.map(({ name }) => name));
		for (const [from, { main = [] }] of Object.entries(connections)) {
			expect(names).toContain(from);
			for (const link of main.flat()) expect(names).toContain(link?.node);
		}
	});
});

function expectKnown(parameters: INodeParameters, properties: INodeProperties[]): void {
	for (const [name, value] of Object.entries(parameters)) {
		const fields = properties.filter((field) => field.name === name);
		expect({ name, fields: fields.length > 0 }).toEqual({ name, fields: true });
		const choices = fields
			.filter(({ type }) => type === 'options')
			.flatMap(({ options = [] }) => options.map((option) => 'value' in option && option.value));
		if (choices.length > 0) expect(choices).toContain(value);
	}
}
