import { DBOS } from '@dbos-inc/dbos-sdk';

/**
 * A workflow of `n` steps that do nothing, each recorded by DBOS in PostgreSQL.
 *
 * @param url - of a database that it may fill
 * @returns `run`, and `stop` to let go of the database
 */
export async function dbosSteps(url, n) {
	DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, logLevel: 'error' });
	const output = { text: 'x'.repeat(1000) };
	const workflow = DBOS.registerWorkflow(
		async () => {
			for (let step = 0; step < n; step++) {
				await DBOS.runStep(() => Promise.resolve(output), { name: `step-${step}` });
			}
		},
		{ name: 'steps' },
	);
	await DBOS.launch();
	return { run: () => workflow(), stop: () => DBOS.shutdown() };
}
