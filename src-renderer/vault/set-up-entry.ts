import type { ContractInputs } from '../../src-main/contract/contract.ts';
import { LEAST_PASSPHRASE } from '../../src-main/contract/vault.ts';

export interface SetUpEntry {
  passphrase: string;
  again: string;
  /** It is there, can be trusted and is wanted. */
  keychain: boolean;
}

type SetUp =
  | { ok: true; input: ContractInputs['vault']['setUp'] }
  | { ok: false; passphrase: string | null; again: string | null };

/** What was entered as the vault's first keys, or what is wrong with it. Without a keychain there must be a passphrase. */
export function readSetUp({ passphrase, again, keychain }: SetUpEntry): SetUp {
  if (passphrase === '' && again === '' && keychain) return { ok: true, input: { passphrase: null, keychain } };
  if (passphrase.length < LEAST_PASSPHRASE) {
    const sentence =
      passphrase === ''
        ? 'Enter a passphrase.'
        : `It has ${passphrase.length} characters; ${LEAST_PASSPHRASE} are the least.`;
    return { ok: false, passphrase: sentence, again: null };
  }
  if (again !== passphrase) return { ok: false, passphrase: null, again: 'This is another passphrase than above.' };
  return { ok: true, input: { passphrase, keychain } };
}
