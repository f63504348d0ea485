export { checkSteps, type CheckedSteps } from './checkSteps';
export { compileWorkflow } from './compile';
export type { CompiledWorkflow, CompileOptions } from './compiled';
export {
	DEPENDENCY_LIFECYCLES,
	DEPENDENCY_TYPES,
	type StepDefinition,
	type StepDependency,
	type StepWork,
	type WorkflowBudget,
	type WorkflowDefinition,
} from './definition';
export type { GraphProblem } from './graph';
export { addStep, parseDefinition, removeStep } from './parseDefinition';
export { builtInKinds } from './kinds';
export { agentKind, type AgentCall, type AgentRunner } from './kinds/agent';
export { agentKinds, qaKind } from './kinds/qa';
export { branchKind } from './kinds/branch';
export { httpKind, type HttpKindOptions } from './kinds/http';
export { humanKind } from './kinds/human';
export { loopKind } from './kinds/loop';
export { parallelKind } from './kinds/parallel';
export { searchKind, type SearchCall } from './kinds/search';
export { subworkflowKind, type SubworkflowCall } from './kinds/subworkflow';
export { transformKind } from './kinds/transform';
export { waitKind } from './kinds/wait';
export { lookUp, parsePath, pathText, type Path } from './path';
export { holds, type Predicate } from './predicate';
export { predicateSchema } from './predicateSchema';
export {
	runWorkflow,
	startWorkflow,
	type WorkflowResult,
	type WorkflowRun,
	type WorkflowRunOptions,
} from './startWorkflow';
export {
	stepKinds,
	type AnyStepKind,
	type KindContext,
	type StepKind,
	type StepKinds,
} from './stepKind';
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
