/** Error answers with the statuses and bodies of the real service. */

export interface ErrorAnswer {
	status: number;
	headers?: Record<string, string>;
	body: { error: { message: string; type: string; param: string | null; code: string | null } };
}

const errorAnswer = (
	status: number,
	message: string,
	type: string,
	code: string | null = null,
	param: string | null = null,
): ErrorAnswer => ({ status, body: { error: { message, type, param, code } } });

export const missingKey = (): ErrorAnswer =>
	errorAnswer(
		401,
		"You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
		'invalid_request_error',
	);

export const badRequest = (message: string, param: string | null = null): ErrorAnswer =>
	errorAnswer(400, message, 'invalid_request_error', null, param);

export const unknownModel = (model: string): ErrorAnswer =>
	errorAnswer(
		404,
		`The model \`${model}\` does not exist or you do not have access to it.`,
		'invalid_request_error',
		'model_not_found',
	);

export const unknownUrl = (method: string, path: string): ErrorAnswer =>
	errorAnswer(404, `Invalid URL (${method} ${path})`, 'invalid_request_error');

/** Messages of the faults that a test may ask for by their status. */
const faults: Record<number, () => ErrorAnswer> = {
	400: () => badRequest('Invalid request.'),
	401: missingKey,
	404: () => unknownModel('unknown'),
	429: () =>
		errorAnswer(
			429,
			'Rate limit reached for requests. Please try again later.',
			'requests',
			'rate_limit_exceeded',
		),
	500: () =>
		errorAnswer(
			500,
			'The server had an error while processing your request. Sorry about that!',
			'server_error',
		),
	503: () =>
		errorAnswer(
			503,
			'The engine is currently overloaded, please try again later.',
			'service_unavailable',
		),
};

/**
 * @param status - 400, 401, 404, 429, 500, 503 or any other
 * @param retryAfterS - becomes the header `Retry-After`, in seconds
 */
export function faultAnswer(status: number, retryAfterS?: number): ErrorAnswer {
	const fault =
		faults[status]?.() ?? errorAnswer(status, `Status ${status} was asked for.`, 'server_error');
	return retryAfterS === undefined
		? fault
		: { ...fault, headers: { 'retry-after': String(retryAfterS) } };
}
