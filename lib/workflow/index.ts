export { lookUp, parsePath, pathText, type Path } from './path';
export { holds, type Predicate } from './predicate';
export { predicateSchema } from './predicateSchema';
export { compileTemplate, renderTemplate, type Template, type TemplateOptions } from './template';
export { TemplateError, type TemplateErrorCode } from './templateError';
