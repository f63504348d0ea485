/** Names of the outputs of operations that have more than one; the first is the one to act on. */
export const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
	skipIfDone: ['New', 'Done'],
	claim: ['Do It', 'Already Done', 'Unknown'],
};

/** The outputs as n8n's editor evaluates them. */
export const outputs =
	`={{ (${JSON.stringify(OUTPUTS)}[$parameter.operation] ?? ['']).map((displayName) => displayName === '' ? { type: 'main' } : { type: 'main', displayName }) }}` as const;
