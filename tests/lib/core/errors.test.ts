import {
	AbortError,
	ERROR_CLASSES,
	EngineError,
	TimeoutError,
	ValidationError,
	errorClassOf,
	isEngineError,
	isRetryableClass,
	messageOf,
	serializeError,
} from '../../../lib/core/errors';

describe('EngineError', () => {
	it('says what happened, what to do, and whether to try again', () => {
		const cause = new Error('socket closed');
		const error = new EngineError('NET', 'No answer from api.test.', {
			errorClass: 'network',
			retryAfterMs: 500,
			hint: 'Try again.',
			details: { host: 'api.test' },
			cause,
		});
		expect(error).toMatchObject({
			name: 'EngineError',
			code: 'NET',
			message: 'No answer from api.test.',
			errorClass: 'network',
			retryable: true,
			retryAfterMs: 500,
			hint: 'Try again.',
			details: { host: 'api.test' },
			cause,
		});
		expect(error).toBeInstanceOf(Error);
	});

	it('is unknown, retryable and without more unless told otherwise', () => {
		const error = new EngineError('X', 'Something.');
		expect(error.errorClass).toBe('unknown');
		expect(error.retryable).toBe(true);
		expect(error.retryAfterMs).toBeUndefined();
		expect(error.hint).toBeUndefined();
		expect(error.details).toEqual({});
		expect('cause' in error).toBe(false);
	});

	it('can say that trying again is useless, or useful, against its class', () => {
		const info = { errorClass: 'server', retryable: false } as const;
		expect(new EngineError('X', 'x', info).retryable).toBe(false);
		const other = { errorClass: 'auth', retryable: true } as const;
		expect(new EngineError('X', 'x', other).retryable).toBe(true);
	});

	it('has a class, a code and a name for the usual cases', () => {
		expect(new ValidationError('Wrong.', { hint: 'Fix it.' })).toMatchObject({
			name: 'ValidationError',
			code: 'VALIDATION',
			message: 'Wrong.',
			errorClass: 'validation',
			retryable: false,
			hint: 'Fix it.',
		});
		expect(new AbortError()).toMatchObject({
			name: 'AbortError',
			code: 'ABORTED',
			message: 'The work was cancelled.',
			errorClass: 'abort',
			retryable: false,
		});
		expect(new AbortError('Stop.', { details: { by: 'Ada' } })).toMatchObject({
			message: 'Stop.',
			details: { by: 'Ada' },
		});
		expect(new TimeoutError('Late.', { details: { limitMs: 5 } })).toMatchObject({
			name: 'TimeoutError',
			code: 'TIMEOUT',
			message: 'Late.',
			errorClass: 'timeout',
			retryable: true,
			details: { limitMs: 5 },
		});
		expect(new ValidationError('Wrong.').details).toEqual({});
		expect(new TimeoutError('Late.').hint).toBeUndefined();
	});
});

describe('isRetryableClass', () => {
	it('knows every class', () => {
		expect(ERROR_CLASSES.filter(isRetryableClass)).toEqual([
			'rate_limit',
			'timeout',
			'network',
			'server',
			'overloaded',
			'bad_output',
			'unknown',
		]);
	});
});

describe('isEngineError', () => {
	it('knows engine errors of another copy of this package by their shape', () => {
		const foreign = Object.assign(new Error('x'), {
			errorClass: 'auth',
			retryable: false,
			details: {},
		});
		expect(isEngineError(foreign)).toBe(true);
		expect(isEngineError(new EngineError('X', 'x'))).toBe(true);
	});

	it.each([
		new Error('x'),
		Object.assign(new Error('x'), { errorClass: 'auth', retryable: false }),
		Object.assign(new Error('x'), { errorClass: 'auth', details: {} }),
		Object.assign(new Error('x'), { retryable: false, details: {} }),
		{ errorClass: 'auth', retryable: false, details: {} },
		'text',
		null,
		undefined,
	])('does not take %p for one', (value) => {
		expect(isEngineError(value)).toBe(false);
	});
});

describe('errorClassOf', () => {
	it('knows the class of engine errors, aborts, and nothing of the rest', () => {
		expect(errorClassOf(new ValidationError('x'))).toBe('validation');
		expect(errorClassOf(new DOMException('x', 'AbortError'))).toBe('abort');
		expect(errorClassOf(new Error('x'))).toBe('unknown');
		expect(errorClassOf(new DOMException('x', 'TimeoutError'))).toBe('timeout');
		expect(errorClassOf({ name: 5 })).toBe('unknown');
		expect(errorClassOf(null)).toBe('unknown');
		expect(errorClassOf('AbortError')).toBe('unknown');
		expect(errorClassOf(undefined)).toBe('unknown');
	});
});

describe('messageOf', () => {
	it('shows any thrown value', () => {
		expect(messageOf(new Error('x'))).toBe('x');
		expect(messageOf('text')).toBe('text');
		expect(messageOf(undefined)).toBe('undefined');
		expect(messageOf(null)).toBe('null');
		expect(messageOf({ message: 'from elsewhere' })).toBe('from elsewhere');
		expect(messageOf({ message: 5 })).toBe('[object Object]');
	});
});

describe('serializeError', () => {
	it('keeps what may be stored, and no stack or cause', () => {
		const error = new EngineError('NET', 'No answer.', {
			errorClass: 'network',
			hint: 'Try again.',
			details: { host: 'api.test' },
			cause: new Error('secret'),
		});
		expect(serializeError(error)).toEqual({
			code: 'NET',
			errorClass: 'network',
			message: 'No answer.',
			retryable: true,
			hint: 'Try again.',
			details: { host: 'api.test' },
		});
	});

	it('leaves out what is empty', () => {
		expect(serializeError(new EngineError('X', 'x', { errorClass: 'auth' }))).toEqual({
			code: 'X',
			errorClass: 'auth',
			message: 'x',
			retryable: false,
		});
	});

	it('makes plain JSON of anything else that was thrown', () => {
		expect(serializeError(new Error('oops'))).toEqual({
			code: 'UNKNOWN',
			errorClass: 'unknown',
			message: 'oops',
			retryable: true,
		});
		expect(serializeError(new DOMException('stopped', 'AbortError'))).toEqual({
			code: 'ABORTED',
			errorClass: 'abort',
			message: 'stopped',
			retryable: false,
		});
		expect(serializeError('text')).toMatchObject({ code: 'UNKNOWN', message: 'text' });
	});
});
