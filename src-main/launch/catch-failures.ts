import type { Lifetime } from './lifetime.ts';

/** What `process` and the secrets of this program have to be able to do. */
export interface CatchFailuresParts {
  readonly process: { on(event: 'uncaughtException' | 'unhandledRejection', hear: (error: unknown) => void): unknown };
  readonly lifetime: Pick<Lifetime, 'end'>;
  readonly secrets: { redact(text: string): string };
}

/**
 * Ends the program with the sentence of what nobody caught; the answer does the same for what somebody did. Secrets are taken out here, before
 * anything is closed: a closed platform's are forgotten, and terminal and dialog come after that.
 */
export function catchFailures({ process, lifetime, secrets }: CatchFailuresParts): (error: unknown) => void {
  const fail = (error: unknown): void =>
    lifetime.end({ exitCode: 1, message: secrets.redact(error instanceof Error ? error.message : String(error)) });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return fail;
}
