import type { ContractInputs } from '../../src-main/contract/contract.ts';
import { LEAST_PASSPHRASE } from '../../src-main/contract/vault.ts';

export interface KeysEntry {
  /** Whether the vault has a passphrase. */
  hasPassphrase: boolean;
  current: string;
  passphrase: string;
  again: string;
  /** The one it has is wanted no more. */
  remove: boolean;
  /** It is there, can be trusted and is wanted. */
  keychain: boolean;
}

type Keys =
  | { ok: true; input: ContractInputs['vault']['setKeys'] }
  | { ok: false; current: string | null; passphrase: string | null; again: string | null };

/** What was entered as the vault's next keys, or what is wrong with it. One key remains, whatever is changed. */
export function readKeys({ hasPassphrase, current, passphrase, again, remove, keychain }: KeysEntry): Keys {
  const wrong = { ok: false, current: null, passphrase: null, again: null } as const;
  const typed = passphrase !== '' || again !== '';
  const removes = hasPassphrase && remove;
  if (hasPassphrase && current === '') return { ...wrong, current: 'Enter the passphrase that the vault has now.' };
  if (!keychain && !typed && (removes || !hasPassphrase)) {
    return { ...wrong, passphrase: 'Without the keychain the passphrase is the only key there is: enter one.' };
  }
  if (typed && passphrase.length < LEAST_PASSPHRASE) {
    return { ...wrong, passphrase: `It has ${passphrase.length} characters; ${LEAST_PASSPHRASE} are the least.` };
  }
  if (typed && again !== passphrase) return { ...wrong, again: 'This is another passphrase than above.' };
  return {
    ok: true,
    input: {
      current: hasPassphrase ? current : null,
      passphrase: typed ? { kind: 'set', value: passphrase } : { kind: removes ? 'remove' : 'keep' },
      keychain,
    },
  };
}
