/**
 * The one place where a failure becomes an answer. Whatever happens in a call, or later in its stream, leaves as one of
 * the contract's codes with a sentence: expected failures as they are, everything else as INTERNAL after it was logged.
 */
import { mapEventIterator, ORPCError } from '@orpc/client';
import { ValidationError } from '@orpc/contract';
import { os } from '@orpc/server';
import { ERROR_STATUS, type ErrorCode } from '../contract/errors.ts';
import type { KnownSecrets } from '../infra/known-secrets.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';

const INTERNAL_SENTENCE =
  'Something went wrong in TenantDesk itself. It was written to the log; nothing else is known here.';
const ISSUES_NAMED = 3;

/** The error to answer with. `path` names the call in the log. */
function answerTo(
  error: unknown,
  path: readonly string[],
  log: Logger,
  secrets: Pick<KnownSecrets, 'redact'>,
): ORPCError<ErrorCode, unknown> {
  if (error instanceof OperatorError) {
    // Only a conflict has declared data; that it fits the contract is checked when it leaves.
    // A server's words may hold what it was sent.
    return answer(
      error.code,
      secrets.redact(error.message),
      error.code === 'CONFLICT' ? (error.data ?? {}) : undefined,
    );
  }
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) {
    return answer('BAD_REQUEST', inputSentence(error.cause));
  }
  // Everything else, errors of oRPC made by hand included: what is in them was not written for the window.
  log.error('A call failed.', error, { call: path.join('.') });
  return answer('INTERNAL', INTERNAL_SENTENCE);
}

function answer(code: ErrorCode, message: string, data?: unknown): ORPCError<ErrorCode, unknown> {
  return new ORPCError(code, { defined: true, status: ERROR_STATUS[code], message, data });
}

/** Names the fields and what is wrong with them; zod's messages do not repeat the value. */
function inputSentence({ issues }: ValidationError): string {
  const named = issues.slice(0, ISSUES_NAMED).map(({ path, message }) => {
    const field = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return field === '' ? message : `${field}: ${message}`;
  });
  return `This input was not understood, nothing was done. ${named.join('; ')}.`;
}

/**
 * The outermost middleware of every call: with it, input and output are parsed inside, so that their failures are
 * translated as well, and so are those of a stream that runs on after the call was answered.
 */
export function answeringErrors(log: Logger, secrets: Pick<KnownSecrets, 'redact'>) {
  return os.middleware(async ({ next, path, signal }) => {
    // After the window left nobody hears the answer, and what ends then is no failure.
    const translate = (error: unknown): unknown =>
      signal?.aborted === true ? error : answerTo(error, path, log, secrets);
    try {
      const result = await next();
      const output: unknown = result.output;
      return isStream(output) ? { ...result, output: translatedStream(output, translate) } : result;
    } catch (error) {
      throw translate(error);
    }
  });
}

export function isStream(output: unknown): output is AsyncIteratorObject<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

function translatedStream(stream: AsyncIterator<unknown>, translate: (error: unknown) => unknown): unknown {
  return mapEventIterator(stream, {
    value: async (value: unknown) => value,
    error: async (error: unknown) => translate(error),
  });
}
