import { EngineError, type ErrorInfo } from '../core';

/** What can be wrong with a template. */
export type TemplateErrorCode = 'TEMPLATE_SYNTAX' | 'TEMPLATE_MISSING' | 'TEMPLATE_TOO_LARGE';

/** A template or path cannot be read, or the data does not have what it names. */
export class TemplateError extends EngineError {
	constructor(code: TemplateErrorCode, message: string, info: Omit<ErrorInfo, 'errorClass'>) {
		super(code, message, { ...info, errorClass: 'validation' });
	}
}
