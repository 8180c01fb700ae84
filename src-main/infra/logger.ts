import type { Clock } from './clock.ts';
import type { KnownSecrets } from './known-secrets.ts';

/** Plain facts beside a message; never a secret, never a tenant's content. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;

export interface Logger {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  /** `cause`: the error whose name, message and stack belong in the log (and nowhere else). */
  error(message: string, cause: unknown, facts?: LogFacts): void;
}

/** One JSON object a line, without the secrets that are in use; `write` gets it with its line feed. */
export function createJsonLogger(
  write: (line: string) => void,
  clock: Clock,
  secrets: Pick<KnownSecrets, 'redact'>,
): Logger {
  const line = (level: string, message: string, facts: Readonly<Record<string, unknown>> = {}) =>
    write(`${JSON.stringify({ at: clock.now().toISOString(), level, message, ...facts }, redacted)}\n`);
  // Text by text, before it is escaped: a line stays JSON whatever is taken out of it.
  const redacted = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? secrets.redact(value) : value;
  return {
    info: (message, facts) => line('info', message, facts),
    warn: (message, facts) => line('warn', message, facts),
    error: (message, cause, facts) => line('error', message, { ...facts, cause: describe(cause) }),
  };
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const below = cause.cause === undefined ? '' : `\ncaused by ${describe(cause.cause)}`;
  return `${cause.stack ?? `${cause.name}: ${cause.message}`}${below}`;
}
