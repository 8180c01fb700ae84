/**
 * Who gets into the vault, and when: a passphrase or the computer's keychain; after wrong passphrases slower and slower, also over a
 * new start; locked again when nobody was at the window for a while.
 */
import { z } from 'zod';
import type { ContractInputs } from '../contract/contract.ts';
import { idleMinutes, type IdleMinutes, type VaultState } from '../contract/vault.ts';
import type { Clock } from '../infra/clock.ts';
import type { KeptFile } from '../infra/kept-file.ts';
import type { Keychain } from '../infra/keychain/keychain.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { ItemKind, Vault, VaultKeys } from '../infra/vault/vault.ts';
import { createWrongTries } from './wrong-tries.ts';

export interface VaultAccess {
  state(): VaultState;
  keychain(): Promise<{ usable: boolean; reason: string | null }>;
  setUp(keys: { readonly passphrase: string | null; readonly keychain: boolean }): Promise<void>;
  /** Throws OperatorError with what is wrong and what to do. */
  unlock(by: { readonly way: 'passphrase'; readonly passphrase: string } | { readonly way: 'keychain' }): Promise<void>;
  /**
   * Other keys, and a new data key under them: all is encrypted anew. `current`: the passphrase, where there is one. Throws
   * OperatorError, and then nothing has changed.
   */
  setKeys(keys: ContractInputs['vault']['setKeys']): Promise<void>;
  /** How long nobody may be at the window. Throws OperatorError UNAUTHORIZED unless it is open. */
  setIdle(minutes: IdleMinutes): void;
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
const OLDER =
  'The newest file of the vault was damaged, so the one before it was taken. A connection that was saved or forgotten last may have to be again.';
const KEYCHAIN_HAS_NONE =
  'The keychain of this computer does not have the key of this vault: it is another one than before, or it forgets when its session ends.';
const KEYCHAIN_HAS_ANOTHER =
  'What the keychain of this computer has under the name of this vault is not its key, so nothing was opened with it.';
const WAY_IN = {
  passphrase: 'The passphrase opens it too.',
  none: 'This vault has no passphrase. Try the keychain again; if it never comes back, start over and enter your connections again.',
} as const;
const DAMAGED =
  'Neither the vault’s file nor the one before it can be read. Start over and enter your connections again; the files are kept aside.';
const CHANGED =
  'The vault’s file was changed by something that does not have its key, so nothing of it is used. Start over and enter your connections again; the file is kept aside.';

const LOCKED_MEANWHILE = 'The console was locked meanwhile, and its keys are as they were. Unlock it and try again.';

const UNLOCK_FIRST = 'Unlock the vault first: its keys and settings are in it.';

/** Of the lock; in the vault, so that nobody without its key makes it later. */
const SETTINGS: ItemKind<{ idleMinutes: IdleMinutes }> = { name: 'lock', schema: z.object({ idleMinutes }) };
const USUAL_IDLE_MINUTES: IdleMinutes = 10;

export function createVaultAccess(parts: VaultAccessParts): VaultAccess {
  const { vault, keychain, clock, log } = parts;
  const tries = createWrongTries({ file: parts.attempts, clock, log });
  let busy = false;
  /** How often it was locked. */
  let locks = 0;
  /** How many questions to the keychain are open. */
  let asks = 0;
  let trouble: string | null = null;

  function settings(): { readonly id: string; readonly value: { readonly idleMinutes: IdleMinutes } } | undefined {
    return vault.list(SETTINGS)[0];
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
    const asked = locks;
    await tries.counted(() => vault.unlockByPassphrase(passphrase));
    if (asked === locks) return;
    vault.lock();
    throw new OperatorError('CONFLICT', 'The console was locked meanwhile. Unlock it again.');
  }

  async function byKeychain(): Promise<void> {
    const asked = locks;
    const account = vault.keychainAccount;
    const key = account === null ? null : await keychain.get(account);
    // A late answer opens nothing that was locked, or opened otherwise, since it was asked for.
    if (asked !== locks || vault.outside().state === 'open') return;
    if (key === null) throw new OperatorError('CONFLICT', KEYCHAIN_HAS_NONE);
    const fits = key.length === KEY_BYTES && vault.unlockByKey(key);
    key.fill(0);
    if (!fits) throw new OperatorError('CONFLICT', KEYCHAIN_HAS_ANOTHER);
  }

  /** What goes wrong is told with the way in that is left, and stays in the state for whoever did not ask. */
  async function askKeychain(): Promise<void> {
    asks += 1;
    trouble = null;
    try {
      await inWords(byKeychain);
    } catch (error) {
      if (!(error instanceof OperatorError) || vault.outside().state !== 'locked') throw error;
      const wayIn = vault.outside().ways.includes('passphrase') ? WAY_IN.passphrase : WAY_IN.none;
      trouble = `${error.message} ${wayIn}`;
      throw new OperatorError(error.code, trouble, { cause: error });
    } finally {
      asks -= 1;
    }
  }

  /** With a fresh key in the keychain where it is wanted; one that the vault did not take is taken out again. */
  async function withKeys<T>(useKeychain: boolean, work: (key: VaultKeys['keychain']) => Promise<T>): Promise<T> {
    if (!useKeychain) return work(null);
    const made = { account: parts.newId(), key: parts.randomBytes(KEY_BYTES) };
    try {
      await keychain.keep(made.account, made.key);
      return await work(made);
    } finally {
      made.key.fill(0);
      if (vault.keychainAccount !== made.account) await forgetKey(made.account);
    }
  }
  async function forgetKey(account: string): Promise<void> {
    await keychain.forget(account).catch((error: unknown) => {
      log.warn('A key that opens nothing stays in the keychain.', { account, reason: String(error) });
    });
  }

  return {
    state() {
      const { state, ways, older } = vault.outside();
      return {
        state,
        ways: [...ways],
        keychainAsked: asks > 0 && state === 'locked',
        keychainTrouble: state === 'locked' ? trouble : null,
        waitUntil: tries.waitUntil(),
        idleMinutes: state === 'open' ? (settings()?.value.idleMinutes ?? USUAL_IDLE_MINUTES) : null,
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
          await withKeys(useKeychain, (key) => vault.create(parts.newId(), { keychain: key, passphrase }));
          tries.forgive();
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
        await (by.way === 'passphrase' ? alone(() => byPassphrase(by.passphrase)) : askKeychain());
      }),
    setKeys: ({ current, passphrase, keychain: useKeychain }) =>
      inWords(() =>
        alone(async () => {
          const { state, ways } = vault.outside();
          if (state !== 'open') throw new OperatorError('UNAUTHORIZED', UNLOCK_FIRST);
          if (
            !useKeychain &&
            (passphrase.kind === 'remove' || (passphrase.kind === 'keep' && !ways.includes('passphrase')))
          ) {
            throw new OperatorError(
              'BAD_REQUEST',
              'Without the keychain the passphrase is the only key there is: keep or set one.',
            );
          }
          const asked = locks;
          if (ways.includes('passphrase')) {
            if (current === null) {
              throw new OperatorError('BAD_REQUEST', 'Enter the passphrase that the vault has now.');
            }
            await tries.counted(() => vault.isPassphrase(current));
          }
          const kept = passphrase.kind === 'keep' && ways.includes('passphrase') ? current : null;
          const before = vault.keychainAccount;
          await withKeys(useKeychain, async (key) => {
            if (asked !== locks) throw new OperatorError('CONFLICT', LOCKED_MEANWHILE);
            await vault.rekey({ keychain: key, passphrase: passphrase.kind === 'set' ? passphrase.value : kept });
          }).catch((error: unknown) => {
            throw asked === locks ? error : new OperatorError('CONFLICT', LOCKED_MEANWHILE, { cause: error });
          });
          if (before !== null) await forgetKey(before);
        }),
      ),
    setIdle(minutes) {
      if (vault.outside().state !== 'open') throw new OperatorError('UNAUTHORIZED', UNLOCK_FIRST);
      vault.put(SETTINGS, settings()?.id ?? parts.newId(), { idleMinutes: minutes });
    },
    lock() {
      locks += 1;
      trouble = null;
      vault.lock();
    },
    startOver() {
      // Its key stays in the keychain: with it, what was moved aside can still be opened.
      const aside = vault.startOver(clock.now());
      tries.forgive();
      return aside;
    },
  };
}
