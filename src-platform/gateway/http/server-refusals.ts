import { badRequest, type Refusal } from '../admission/refusal.ts';

/** The body is larger than the gateway takes. */
export function tooLarge(bodyLimit: number): Refusal {
  return badRequest('request_too_large', `The body is larger than ${bodyLimit / 1024 / 1024} MB.`, null, 413);
}

/** Too many large bodies are under way. */
export function noRoom(): Refusal {
  return {
    status: 503,
    type: 'server_error',
    code: 'overloaded',
    message: 'Too many calls with large bodies are under way at this gateway. Send this one again when some are over.',
    headers: { 'retry-after': '2' },
  };
}

/** The gateway failed; what happened is in the log. */
export function internalError(): Refusal {
  return {
    status: 500,
    type: 'server_error',
    code: 'internal_error',
    message: 'The gateway failed on this request. It is logged under the request id.',
  };
}

/** The gateway takes no calls any more. */
export function stopping(): Refusal {
  return {
    status: 503,
    type: 'server_error',
    code: 'stopping',
    message: 'This gateway is stopping. Send the call again: another one, or the next one, takes it.',
  };
}
