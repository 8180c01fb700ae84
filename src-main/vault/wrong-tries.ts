import { z } from 'zod';
import type { Clock } from '../infra/clock.ts';
import type { KeptFile } from '../infra/kept-file.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';

/** Wrong passphrases, slower and slower; counted in a file, so that a new start gains nothing. */
export interface WrongTries {
  /** When the next one is taken; null: now. */
  waitUntil(): Date | null;
  /** Throws OperatorError: CONFLICT before its time, BAD_REQUEST when it does not fit. */
  counted(fits: () => Promise<boolean>): Promise<void>;
  /** Begins anew. */
  forgive(): void;
}

export interface WrongTriesParts {
  readonly file: KeptFile;
  readonly clock: Clock;
  readonly log: Logger;
}

/** So many wrong passphrases are free; then 5 s, and twice as long each time. */
const FREE_TRIES = 3;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;

const wrongTries = z.object({ count: z.int().min(0), lastAt: z.iso.datetime() });

export function createWrongTries({ file, clock, log }: WrongTriesParts): WrongTries {
  let wrong = readWrong();

  function readWrong(): { count: number; lastAt: Date } {
    try {
      const found = wrongTries.parse(JSON.parse(file.read() ?? '{"count":0,"lastAt":"1970-01-01T00:00:00Z"}'));
      return { count: found.count, lastAt: new Date(found.lastAt) };
    } catch (error) {
      // Whoever spoils this file gains nothing: it counts as many wrong tries.
      log.warn('The count of wrong passphrases could not be read.', { reason: String(error) });
      return { count: FREE_TRIES, lastAt: clock.now() };
    }
  }
  function countWrong(count: number): void {
    wrong = { count, lastAt: clock.now() };
    file.write(`${JSON.stringify({ count, lastAt: wrong.lastAt.toISOString() })}\n`);
  }
  function waitUntil(): Date | null {
    if (wrong.count < FREE_TRIES) return null;
    const now = clock.now();
    // A clock that was set back does not lengthen the wait.
    if (wrong.lastAt > now) wrong = { ...wrong, lastAt: now };
    const until = new Date(
      wrong.lastAt.getTime() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrong.count - FREE_TRIES)),
    );
    return until > now ? until : null;
  }

  return {
    waitUntil,
    async counted(fitsVault) {
      const until = waitUntil();
      if (until) {
        const seconds = Math.ceil((until.getTime() - clock.now().getTime()) / 1_000);
        throw new OperatorError(
          'CONFLICT',
          `After ${wrong.count} wrong passphrases the next one is taken in ${seconds} s.`,
        );
      }
      // Counted before it is tried: ending the program in between gains no free try.
      const before = wrong.count;
      countWrong(before + 1);
      const fits = await fitsVault();
      if (!fits) {
        throw new OperatorError(
          'BAD_REQUEST',
          `This is not the vault’s passphrase.${before + 1 < FREE_TRIES ? '' : ' The next one has to wait.'}`,
        );
      }
      countWrong(0);
    },
    forgive: () => countWrong(0),
  };
}
