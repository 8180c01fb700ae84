/**
 * The operating system's keychain behind three calls. keytar's library is loaded here and nowhere else, at the first use: without
 * libsecret it throws as it loads, and it must not take the console with it.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** The part of keytar that is used: https://github.com/github/keytar#docs */
export interface KeychainLibrary {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

export type KeychainFault = 'no_library' | 'no_service' | 'locked' | 'denied' | 'silent' | 'unfaithful' | 'other';

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
  no_service: 'No keychain is running on this computer. Start one (such as gnome-keyring or KWallet) and try again.',
  locked: 'The keychain of this computer is locked. Unlock it and try again.',
  denied: 'The keychain of this computer did not let TenantDesk in. Allow it there and try again.',
  silent: 'The keychain of this computer did not answer. It may be waiting for you in another window.',
  unfaithful: 'The keychain of this computer does not give back what was put into it, so it is not trusted with a key.',
  other: 'The keychain of this computer failed.',
};

export interface Keychain {
  /** The key kept for a vault; null: none. All throw KeychainTrouble. */
  get(vaultId: string): Promise<Buffer | null>;
  /** Keeps it and proves that it comes back: put in, asked for, compared. */
  keep(vaultId: string, key: Buffer): Promise<void>;
  forget(vaultId: string): Promise<void>;
}

const SERVICE = 'TenantDesk vault';
/** A person may have to answer a question of the keychain's own. */
const ANSWER_MS = 5_000;

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

  async function get(vaultId: string): Promise<Buffer | null> {
    const text = await ask((keychain) => keychain.getPassword(SERVICE, vaultId));
    return text === null ? null : Buffer.from(text, 'base64');
  }

  return {
    get,
    async keep(vaultId, key) {
      await ask((keychain) => keychain.setPassword(SERVICE, vaultId, key.toString('base64')));
      const back = await get(vaultId);
      if (back?.length !== key.length || !timingSafeEqual(back, key)) throw new KeychainTrouble('unfaithful');
      back.fill(0);
    },
    async forget(vaultId) {
      await ask((keychain) => keychain.deletePassword(SERVICE, vaultId));
    },
  };
}

/** keytar hands on what the keychain says: libsecret's and D-Bus's words on Linux, OSStatus and Win32 texts elsewhere. */
function faultOf(error: unknown): KeychainFault {
  const words = error instanceof Error ? error.message : String(error);
  if (/locked|interaction is not allowed/i.test(words)) return 'locked';
  if (/denied|cancel|dismissed|not allowed|authori[sz]ation/i.test(words)) return 'denied';
  if (
    /secrets was not provided|ServiceUnknown|autolaunch|D-?Bus|does not exist at path|no such interface/i.test(words)
  ) {
    return 'no_service';
  }
  return 'other';
}

/** keytar, from the package beside us. Rejects where its library cannot be loaded. */
export async function loadKeytar(): Promise<KeychainLibrary> {
  const { default: keytar } = await import('keytar');
  return keytar;
}
