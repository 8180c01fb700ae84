/**
 * The operating system's keychain behind three calls. keytar's library is loaded at the first use: without libsecret it throws as it
 * loads, and it must not take the console with it.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** The part of keytar that is used: https://github.com/github/keytar#docs */
export interface KeychainLibrary {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

export type KeychainFault =
  'no_library' | 'no_service' | 'not_ready' | 'locked' | 'denied' | 'silent' | 'unfaithful' | 'other';

/** The keychain can't be used. `message` is a sentence for the operator: what is wrong and what to do. */
export class KeychainTrouble extends Error {
  override readonly name = 'KeychainTrouble';
  readonly fault: KeychainFault;

  constructor(fault: KeychainFault, cause?: unknown) {
    super(SENTENCES[fault], cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

const SENTENCES: Readonly<Record<KeychainFault, string>> = {
  no_library:
    'This computer has no keychain that TenantDesk can use: libsecret is missing (on Debian: apt install libsecret-1-0 gnome-keyring).',
  no_service:
    'No keychain is running on this computer, or not for this session. Start one (such as gnome-keyring or KWallet) and try again.',
  not_ready:
    'The keychain of this computer is running but has no keyring to put a key in, and could not ask for one to be made. Sign in to the desktop once, or make a keyring there, and try again.',
  locked: 'The keychain of this computer is locked. Unlock it and try again.',
  denied: 'The keychain of this computer did not let TenantDesk in. Allow it there and try again.',
  silent: 'The keychain of this computer did not answer. It may be waiting for you in another window.',
  unfaithful: 'The keychain of this computer does not give back what was put into it, so it is not trusted with a key.',
  other: 'The keychain of this computer failed.',
};

export interface Keychain {
  /** The key kept under a name; null: there is none, though the keychain is open. All throw KeychainTrouble. */
  get(account: string): Promise<Buffer | null>;
  /** Keeps it and proves that it comes back: put in, asked for, compared. */
  keep(account: string, key: Buffer): Promise<void>;
  forget(account: string): Promise<void>;
}

const SERVICE = 'TenantDesk vault';
/** What is put in to see whether anything can be; taken out again. */
const TRIAL = 'trial';
/** For a whole question. A person who is asked something by the keychain itself may be slower, and asks again. */
const ANSWER_MS = 4_000;

export function createKeychain({ load, clock }: { load: () => Promise<KeychainLibrary>; clock: Clock }): Keychain {
  let library: Promise<KeychainLibrary> | undefined;

  async function ask<T>(question: (keychain: KeychainLibrary) => Promise<T>): Promise<T> {
    // After a failure it is loaded again: somebody may have installed what was missing.
    library ??= load().catch((error: unknown) => {
      library = undefined;
      throw new KeychainTrouble('no_library', error);
    });
    const silence = Promise.withResolvers<never>();
    const cancel = clock.after(ANSWER_MS, () => silence.reject(new KeychainTrouble('silent')));
    try {
      return await Promise.race([library.then(question), silence.promise]);
    } catch (error) {
      throw error instanceof KeychainTrouble ? error : new KeychainTrouble(faultOf(error), error);
    } finally {
      cancel();
    }
  }

  return {
    get: (account) =>
      ask(async (keychain) => {
        const found = await keychain.getPassword(SERVICE, account);
        if (found !== null) return Buffer.from(found, 'base64');
        // gnome-keyring has nothing to tell while it is locked, as if nothing were kept; but it takes nothing either.
        await keychain.setPassword(SERVICE, TRIAL, TRIAL);
        await keychain.deletePassword(SERVICE, TRIAL);
        return null;
      }),
    keep: (account, key) =>
      ask(async (keychain) => {
        await keychain.setPassword(SERVICE, account, key.toString('base64'));
        const back = Buffer.from((await keychain.getPassword(SERVICE, account)) ?? '', 'base64');
        const same = back.length === key.length && timingSafeEqual(back, key);
        back.fill(0);
        if (!same) throw new KeychainTrouble('unfaithful');
      }),
    forget: (account) => ask(async (keychain) => void (await keychain.deletePassword(SERVICE, account))),
  };
}

/** keytar hands on what the keychain says: libsecret's and D-Bus's words on Linux, OSStatus and Win32 texts elsewhere. */
function faultOf(error: unknown): KeychainFault {
  const words = error instanceof Error ? error.message : String(error);
  if (/shared object file|Cannot find module|not a valid Win32|invalid ELF/i.test(words)) return 'no_library';
  if (/locked|interaction is not allowed/i.test(words)) return 'locked';
  if (/does not exist at path/i.test(words)) return 'not_ready';
  if (/denied|cancel|dismissed|not allowed|authori[sz]ation/i.test(words)) return 'denied';
  if (
    /secrets was not provided|ServiceUnknown|autolaunch|D-?Bus|given address is empty|Could not connect|connection is closed|no such interface/i.test(
      words,
    )
  ) {
    return 'no_service';
  }
  return 'other';
}
