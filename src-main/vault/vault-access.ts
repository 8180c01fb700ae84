/**
 * Who gets into the vault, and when: a passphrase or the computer's keychain; after wrong passphrases slower and slower, also over a
 * new start; locked again when nobody was at the window for a while.
 */
import { z } from 'zod';
import type { VaultState } from '../contract/vault.ts';
import type { Clock } from '../infra/clock.ts';
import type { KeptFile } from '../infra/kept-file.ts';
import type { Keychain } from '../infra/keychain/keychain.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { Vault } from '../infra/vault/vault.ts';

export interface VaultAccess {
  state(): VaultState;
  keychain(): Promise<{ usable: boolean; reason: string | null }>;
  setUp(keys: { readonly passphrase: string | null; readonly keychain: boolean }): Promise<void>;
  /** Throws OperatorError with what is wrong and what to do. */
  unlock(by: { readonly way: 'passphrase'; readonly passphrase: string } | { readonly way: 'keychain' }): Promise<void>;
  lock(): void;
  startOver(): string | null;
}

export interface VaultAccessParts {
  readonly vault: Vault;
  readonly keychain: Keychain;
  /** Keeps how often a wrong passphrase was given. */
  readonly attempts: KeptFile;
  readonly clock: Clock;
  readonly log: Logger;
  readonly newId: () => string;
  /** Fit for secrets. */
  readonly randomBytes: (bytes: number) => Buffer;
  /** By its name alone: what went wrong with the keychain, in a sentence; null: it is another error. */
  readonly keychainSentence: (error: unknown) => string | null;
  /** True for an error that says the vault was changed without its key. */
  readonly isDamage: (error: unknown) => boolean;
}

const KEY_BYTES = 32;
/** So many wrong passphrases are free; then 5 s, and twice as long each time. */
const FREE_TRIES = 3;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;

const OLDER =
  'The newest file of the vault was damaged, so the one before it was taken. A connection that was saved or forgotten last may have to be again.';
const KEYCHAIN_HAS_NONE =
  'The keychain of this computer does not have the key of this vault (any more). Use the passphrase; without one, start over and enter your connections again.';
const DAMAGED =
  'Neither the vault’s file nor the one before it can be read. Start over and enter your connections again; the files are kept aside.';
const CHANGED =
  'The vault’s file was changed by something that does not have its key, so nothing of it is used. Start over and enter your connections again; the file is kept aside.';

const wrongTries = z.object({ count: z.int().min(0), lastAt: z.iso.datetime() });

export function createVaultAccess(parts: VaultAccessParts): VaultAccess {
  const { vault, keychain, attempts, clock, log } = parts;
  let wrong = readWrong();
  let busy = false;
  /** How often it was locked. */
  let locks = 0;

  function readWrong(): { count: number; lastAt: Date } {
    try {
      const found = wrongTries.parse(JSON.parse(attempts.read() ?? '{"count":0,"lastAt":"1970-01-01T00:00:00Z"}'));
      return { count: found.count, lastAt: new Date(found.lastAt) };
    } catch (error) {
      // Whoever spoils this file gains nothing: it counts as many wrong tries.
      log.warn('The count of wrong passphrases could not be read.', { reason: String(error) });
      return { count: FREE_TRIES, lastAt: clock.now() };
    }
  }
  function countWrong(count: number): void {
    wrong = { count, lastAt: clock.now() };
    attempts.write(`${JSON.stringify({ count, lastAt: wrong.lastAt.toISOString() })}\n`);
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

  async function inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (parts.isDamage(error)) throw new OperatorError('CONFLICT', CHANGED, { cause: error });
      const sentence = parts.keychainSentence(error);
      if (sentence !== null) throw new OperatorError('UNAVAILABLE', sentence, { cause: error });
      throw error;
    }
  }
  /** One passphrase after the other: they are counted. A keychain that is silent keeps nobody from typing one. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (busy) {
      throw new OperatorError('CONFLICT', 'The vault is busy with what was asked before. Try again in a moment.');
    }
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  }

  async function byPassphrase(passphrase: string): Promise<void> {
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
    const asked = locks;
    const fits = await vault.unlockByPassphrase(passphrase);
    if (!fits) {
      throw new OperatorError(
        'BAD_REQUEST',
        `This is not the vault’s passphrase.${before + 1 < FREE_TRIES ? '' : ' The next one has to wait.'}`,
      );
    }
    countWrong(0);
    if (asked === locks) return;
    vault.lock();
    throw new OperatorError('CONFLICT', 'The console was locked meanwhile. Unlock it again.');
  }

  async function byKeychain(): Promise<void> {
    const asked = locks;
    const key = vault.id === null ? null : await keychain.get(vault.id);
    // A late answer opens nothing that was locked, or opened otherwise, since it was asked for.
    if (asked !== locks || vault.outside().state === 'open') return;
    const fits = key !== null && key.length === KEY_BYTES && vault.unlockByKey(key);
    key?.fill(0);
    if (!fits) throw new OperatorError('CONFLICT', KEYCHAIN_HAS_NONE);
  }

  return {
    state() {
      const { state, ways, older } = vault.outside();
      return {
        state,
        ways: [...ways],
        waitUntil: waitUntil(),
        notice: state === 'damaged' ? DAMAGED : older ? OLDER : null,
      };
    },
    async keychain() {
      const trial = parts.newId();
      try {
        await keychain.keep(trial, parts.randomBytes(KEY_BYTES));
        await keychain.forget(trial);
        return { usable: true, reason: null };
      } catch (error) {
        const reason = parts.keychainSentence(error);
        if (reason === null) throw error;
        return { usable: false, reason };
      }
    },
    setUp: ({ passphrase, keychain: useKeychain }) =>
      inWords(() =>
        alone(async () => {
          if (vault.outside().state !== 'none') {
            throw new OperatorError('CONFLICT', 'There is a vault already. Unlock it, or start over.');
          }
          if (passphrase === null && !useKeychain) {
            throw new OperatorError(
              'BAD_REQUEST',
              'Choose a passphrase: without the keychain it is the only key there is.',
            );
          }
          const id = parts.newId();
          const key = useKeychain ? parts.randomBytes(KEY_BYTES) : null;
          if (key) await keychain.keep(id, key);
          await vault.create({ id, keychainKey: key, passphrase });
          key?.fill(0);
          countWrong(0);
        }),
      ),
    unlock: (by) =>
      inWords(async () => {
        const { state, ways } = vault.outside();
        if (state === 'open') return;
        if (state === 'none') throw new OperatorError('CONFLICT', 'There is no vault yet. Set one up first.');
        if (state === 'damaged') throw new OperatorError('CONFLICT', DAMAGED);
        if (!ways.includes(by.way)) {
          throw new OperatorError(
            'CONFLICT',
            `This vault has no ${by.way}. Unlock it by the ${ways.join(' or the ')}.`,
          );
        }
        await (by.way === 'passphrase' ? alone(() => byPassphrase(by.passphrase)) : byKeychain());
      }),
    lock() {
      locks += 1;
      vault.lock();
    },
    startOver() {
      // Its key stays in the keychain: with it, what was moved aside can still be opened.
      const aside = vault.startOver(clock.now());
      countWrong(0);
      return aside;
    },
  };
}
