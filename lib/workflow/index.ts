export {
	DEPENDENCY_LIFECYCLES,
	DEPENDENCY_TYPES,
	type StepDefinition,
	type StepDependency,
	type StepNeeds,
	type StepWork,
	type WorkflowDefinition,
} from './definition';
export type { GraphProblem } from './graph';
export { addStep, parseDefinition, removeStep } from './parseDefinition';
export { lookUp, parsePath, pathText, type Path } from './path';
export { holds, type Predicate } from './predicate';
export { predicateSchema } from './predicateSchema';
export { compileTemplate, renderTemplate, type Template, type TemplateOptions } from './template';
export { TemplateError, type TemplateErrorCode } from './templateError';
export {
	compareDefinitions,
	decideVersion,
	definitionHash,
	summaryOf,
	type DefinitionChange,
	type VersionDecision,
	type VersionPolicy,
} from './versions';
