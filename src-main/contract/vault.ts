import { z } from 'zod';
import { base } from './errors.ts';

/** What can unlock a vault. */
export const vaultWay = z.enum(['keychain', 'passphrase']);

/** Why it is locked. start: it was not opened since the console started; long: hours have passed since somebody opened it. */
export const lockReason = z.enum(['start', 'command', 'idle', 'long', 'sleep', 'screen']);

/** What may be chosen. */
export const IDLE_MINUTES = [5, 10, 30, 60, 240] as const;
export const idleMinutes = z.literal(IDLE_MINUTES);

/** What the window may know of the vault: never anything that is in it. */
export const vaultState = z.object({
  /** none: not set up yet; damaged: neither its file nor the one before it can be read. */
  state: z.enum(['none', 'locked', 'open', 'damaged']),
  ways: z.array(vaultWay),
  /** The keychain is being asked for the key; a passphrase may be typed meanwhile. */
  keychainAsked: z.boolean(),
  /** Why the keychain did not open it when it was asked last, in a sentence; null: it was not asked, or it did. */
  keychainTrouble: z.string().nullable(),
  /** When the next passphrase is taken, after wrong ones; null: now. */
  waitUntil: z.date().nullable(),
  /** Without a hand at the window for so long, an open vault is locked; null while it is not open. */
  idleMinutes: idleMinutes.nullable(),
  /** What the operator has to know of it, in a sentence; null: nothing. */
  notice: z.string().nullable(),
});

export const LEAST_PASSPHRASE = 10;
const passphrase = z.string().min(LEAST_PASSPHRASE).max(1_000).meta({ secret: true });

export const vault = {
  /** Whether this computer's keychain can be trusted with a key: tried with one. `reason`: a sentence why not. */
  keychain: base.output(z.object({ usable: z.boolean(), reason: z.string().nullable() })),
  /** Makes the vault, open. At least one of the two; each alone can unlock it later. */
  setUp: base.input(z.object({ passphrase: passphrase.nullable(), keychain: z.boolean() })).output(z.object({})),
  unlock: base
    .input(
      z.discriminatedUnion('way', [
        z.object({ way: z.literal('passphrase'), passphrase: z.string().min(1).max(1_000).meta({ secret: true }) }),
        z.object({ way: z.literal('keychain') }),
      ]),
    )
    .output(z.object({})),
  /**
   * Other keys for the open vault, and a new data key under them: everything is encrypted anew, and the keys before open nothing any
   * more. `current`: the passphrase it has; null where it has none. At least one key remains.
   */
  setKeys: base
    .input(
      z.object({
        current: z.string().min(1).max(1_000).meta({ secret: true }).nullable(),
        passphrase: z.discriminatedUnion('kind', [
          z.object({ kind: z.enum(['keep', 'remove']) }),
          z.object({ kind: z.literal('set'), value: passphrase }),
        ]),
        /** A fresh key in this computer's keychain. */
        keychain: z.boolean(),
      }),
    )
    .output(z.object({})),
  /** How long nobody may be at the window until the console locks itself. Kept in the vault, which must be open. */
  setIdle: base.input(z.object({ minutes: idleMinutes })).output(z.object({})),
  /** The key is overwritten, connections are closed, nothing of a platform is answered until somebody unlocks. */
  lock: base.output(z.object({})),
  /** Somebody is at the window: the lock after idling waits anew. */
  stay: base.output(z.object({})),
  /** Moves the vault's files aside and begins without one: the way in when it can't be unlocked. */
  startOver: base.output(z.object({ movedTo: z.string().nullable() })),
};

export type VaultState = z.infer<typeof vaultState>;
export type IdleMinutes = z.infer<typeof idleMinutes>;
export type LockReason = z.infer<typeof lockReason>;
export type VaultWay = z.infer<typeof vaultWay>;
