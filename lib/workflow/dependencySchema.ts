import { z } from 'zod';

import { isJsonObject } from '../core';
import { fits } from '../scheduler/dependency';
import { chosen, refuse, type Schema } from './chosen';
import { DEPENDENCY_LIFECYCLES, DEPENDENCY_TYPES, type StepDependency } from './definition';
import { named, oneOf, seconds, stepId } from './named';
import { predicateSchema } from './predicateSchema';

const EXPECTED =
	'must be a step id, [id, type], {id: type} or {on, type, …}, or a list of such dependencies';

const type = oneOf(DEPENDENCY_TYPES);
const durationMs = z.number().min(0);

const configShape = {
	type: type.default('required'),
	lifecycle: oneOf(DEPENDENCY_LIFECYCLES).optional(),
	group: z.string().optional(),
	condition: predicateSchema.optional(),
	expiryMs: durationMs.optional(),
	intervalMs: durationMs.optional(),
	timeoutMs: durationMs.optional(),
};

const configNames = {
	converted: {
		expiry: ['expiryMs', seconds],
		interval: ['intervalMs', seconds],
		timeout: ['timeoutMs', seconds],
	},
} as const;

type Config = Omit<StepDependency, 'on'>;

/** The part after the step's id: a type in any case, or all that can be said. */
const config: Schema<Config> = complete(
	chosen<Config>((value) =>
		typeof value === 'string'
			? type.transform((only) => ({ type: only }))
			: named(configShape, configNames),
	),
);

const full: Schema<StepDependency> = complete(
	named(
		{ on: stepId, ...configShape },
		{ ...configNames, aliases: { step: 'on', stepId: 'on', id: 'on' } },
	),
);

const byId: Schema<StepDependency[]> = z
	.record(chosen(() => config))
	.transform((record) => Object.entries(record).map(([on, rest]) => ({ on, ...rest })));

/** One element of a list; an object may hold several dependencies by their steps' ids. */
const item: Schema<StepDependency[]> = chosen<StepDependency[]>((value) => {
	if (typeof value === 'string') return stepId.transform((on) => [{ on, type: 'required' }]);
	if (Array.isArray(value)) {
		return z.tuple([stepId, config]).transform(([on, rest]) => [{ on, ...rest }]);
	}
	if (!isJsonObject(value)) return refuse(EXPECTED);
	const isFull = ['on', 'step', 'step_id', 'stepId', 'id'].some((key) => key in value);
	return isFull ? full.transform((dependency) => [dependency]) : byId;
});

/** What a step depends on, in every form the documents use. */
export const dependenciesSchema: Schema<StepDependency[]> = chosen<StepDependency[]>((value) =>
	Array.isArray(value) ? z.array(item).transform((lists) => lists.flat()) : item,
);

/** Refuses dependencies whose type and lifecycle do not fit, or lack what they are about. */
function complete<Value extends Config>(schema: Schema<Value>): Schema<Value> {
	return schema.transform((dependency, context) => {
		const wrong = wrongPart(dependency);
		if (wrong !== undefined) {
			context.addIssue({ code: 'custom', path: [wrong.part], message: wrong.message });
		}
		return dependency;
	});
}

function wrongPart(dependency: Config): { part: string; message: string } | undefined {
	const {
		type: kind,
		lifecycle = 'always',
		condition,
		timeoutMs,
		expiryMs,
		intervalMs,
	} = dependency;
	if (kind === 'conditional' && condition === undefined) return needed('condition', kind);
	if (kind === 'timeout' && timeoutMs === undefined) return needed('timeoutMs', kind);
	if (lifecycle === 'temporary' && expiryMs === undefined) return needed('expiryMs', lifecycle);
	if (lifecycle === 'periodic' && intervalMs === undefined) return needed('intervalMs', lifecycle);
	if (!fits(lifecycle, kind)) {
		return { part: 'lifecycle', message: `goes with type "required" alone, not with "${kind}"` };
	}
	return undefined;
}

function needed(part: string, by: string): { part: string; message: string } {
	return { part, message: `is required by "${by}"` };
}
