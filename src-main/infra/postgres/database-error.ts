import { z } from 'zod';
import { tlsSentence } from '../tls-connection.ts';
import { OperatorError, PlatformRefusal, type OperatorErrorCode } from '../operator-error.ts';

/** What PostgreSQL tells with an error; `code` is the SQLSTATE. */
const serverError = z.object({ code: z.string(), message: z.string(), detail: z.string().optional() });

/** SQLSTATEs that the platform's functions raise with a sentence for the operator (platform schema, `TD…`). */
const REFUSALS: Readonly<Record<string, OperatorErrorCode>> = {
  TD400: 'BAD_REQUEST',
  TD403: 'FORBIDDEN',
  TD404: 'NOT_FOUND',
  TD409: 'CONFLICT',
  TD422: 'BAD_REQUEST',
};

/** Login refused: https://www.postgresql.org/docs/18/errcodes-appendix.html, class 28. */
const LOGIN_REFUSED = /^28/;
const PRIVILEGE_MISSING = '42501';
/** Connection lost, server shutting down or starting, too many connections, statement cancelled or timed out. */
const SERVER_AWAY = /^(08|57P|53300$|57014$|25P0[34]$)/;
/** The last: the console closed it, with somebody still reading. */
const SOCKET_AWAY =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|terminated|timeout|not queryable|ended|after calling end/i;

/** No answer came within the time-out of the connection options (`pg` has no code for it). */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Holds also when the connection broke with a change on its way: its idempotency key and version make it count once. */
const DATABASE_AWAY = 'The database does not answer. Try again when it is back; nothing is done twice.';

/**
 * An error of the database as a failure for the operator, or the error itself when it is not an expected one (a defect
 * of ours). The platform's own sentences are passed on; PostgreSQL's are not, they name tables and functions.
 */
export function toOperatorError(error: unknown): unknown {
  if (error instanceof OperatorError) return error;
  const parsed = serverError.safeParse(error);
  const code = parsed.success ? parsed.data.code : '';
  const refusal = REFUSALS[code];
  if (parsed.success && refusal) {
    return new PlatformRefusal(refusal, parsed.data.message, parsed.data.detail ?? null, error);
  }
  if (LOGIN_REFUSED.test(code)) {
    return new OperatorError(
      'UNAUTHORIZED',
      'The database does not accept this login. Check its password, or ask an admin.',
      { cause: error },
    );
  }
  if (code === PRIVILEGE_MISSING) {
    return new OperatorError('FORBIDDEN', 'Your role does not allow this. Ask an operator or an admin.', {
      cause: error,
    });
  }
  const untrusted = tlsSentence(error, 'the database', null);
  if (untrusted !== null) return new OperatorError('UNAVAILABLE', untrusted, { cause: error });
  const message = error instanceof Error ? `${code} ${error.message}` : '';
  if (SERVER_AWAY.test(code) || (!/^[0-9A-Z]{5}$/.test(code) && SOCKET_AWAY.test(message))) {
    return new OperatorError('UNAVAILABLE', DATABASE_AWAY, { cause: error });
  }
  return error;
}
