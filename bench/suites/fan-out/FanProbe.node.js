/** The least that a node can do to run sub-workflows at the same time: the floor for any other. */
class FanProbe {
	constructor() {
		this.description = {
			displayName: 'Fan Probe',
			name: 'fanProbe',
			group: ['transform'],
			version: 1,
			description: 'Runs a sub-workflow for each item, ten at a time',
			defaults: { name: 'Fan Probe' },
			inputs: ['main'],
			outputs: ['main'],
			properties: [
				{ displayName: 'Workflow', name: 'workflow', type: 'string', default: '' },
				{ displayName: 'At Once', name: 'atOnce', type: 'number', default: 10 },
			],
		};
	}

	async execute() {
		const items = this.getInputData();
		const id = this.getNodeParameter('workflow', 0);
		const results = [];
		const queue = items.entries();
		const worker = async () => {
			for (const [index, item] of queue) {
				const { data } = await this.executeWorkflow({ id }, [item], undefined, {
					executionMode: this.getMode(),
				});
				results[index] = data[0][0];
			}
		};
		const atOnce = this.getNodeParameter('atOnce', 0);
		await Promise.all(Array.from({ length: atOnce }, worker));
		return [results];
	}
}

module.exports = { FanProbe };
