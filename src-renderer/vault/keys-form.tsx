import { useState, type ReactNode } from 'react';
import type { ContractInputs } from '../../src-main/contract/contract.ts';
import { LEAST_PASSPHRASE, type VaultState } from '../../src-main/contract/vault.ts';
import { useAsking } from '../ui/asking.ts';
import { Field } from '../ui/field.tsx';
import { Refusal } from '../ui/refusal.tsx';
import { readKeys } from './keys-entry.ts';
import { NewPassphrase } from './new-passphrase.tsx';
import { useKeychain, type KeychainState } from './use-keychain.ts';
import classes from './vault-form.module.css';

export interface KeysFormProps {
  vault: VaultState;
  probe: () => Promise<KeychainState>;
  setKeys: (input: ContractInputs['vault']['setKeys']) => Promise<object>;
}

const NOTHING = { current: '', passphrase: '', again: '', remove: false };

/** Other keys for the open vault: another passphrase, the keychain added or taken away, or fresh keys of the same kinds. */
export function KeysForm({ vault, probe, setKeys }: KeysFormProps): ReactNode {
  const keychain = useKeychain(probe);
  const [entry, setEntry] = useState(NOTHING);
  const [wanted, setWanted] = useState(vault.ways.includes('keychain'));
  const [tried, setTried] = useState(false);
  const [changed, setChanged] = useState(false);
  const { busy, refusal, ask } = useAsking();
  const hasPassphrase = vault.ways.includes('passphrase');
  const usable = keychain?.usable === true;
  const read = readKeys({ ...entry, hasPassphrase, keychain: usable && wanted });
  const problems = tried && !read.ok ? read : null;
  const enter = (part: Partial<typeof NOTHING>): void => {
    setChanged(false);
    setEntry({ ...entry, ...part });
  };

  return (
    <form
      className={classes['form']}
      aria-label="Keys of the vault"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        setChanged(false);
        if (keychain === null || !read.ok) return;
        ask(
          () => setKeys(read.input),
          () => {
            setEntry(NOTHING);
            setTried(false);
            setChanged(true);
          },
        );
      }}
    >
      <p className={classes['note']}>{opensBy(vault)}</p>
      {hasPassphrase ? (
        <Field label="Passphrase it has now" problem={problems?.current ?? null}>
          {(input) => (
            <input
              {...input}
              type="password"
              autoComplete="off"
              value={entry.current}
              readOnly={busy}
              onChange={({ currentTarget: { value } }) => enter({ current: value })}
            />
          )}
        </Field>
      ) : null}
      {entry.remove ? null : (
        <NewPassphrase
          label="New passphrase"
          help={`At least ${LEAST_PASSPHRASE} characters; empty: ${hasPassphrase ? 'it stays as it is' : 'there is none'}.`}
          value={entry.passphrase}
          again={entry.again}
          problems={problems}
          busy={busy}
          onValue={(passphrase) => enter({ passphrase })}
          onAgain={(again) => enter({ again })}
        />
      )}
      {keychain === null ? (
        <output className={classes['note']}>Trying this computer’s keychain…</output>
      ) : usable ? (
        <>
          <label className={classes['choice']}>
            <input
              type="checkbox"
              checked={wanted}
              onChange={() => {
                setWanted(!wanted);
                enter({ remove: false });
              }}
            />
            <span>This computer’s keychain unlocks it</span>
          </label>
          {hasPassphrase && wanted ? (
            <label className={classes['choice']}>
              <input
                type="checkbox"
                checked={entry.remove}
                onChange={() => enter({ passphrase: '', again: '', remove: !entry.remove })}
              />
              <span>No passphrase any more; a lost keychain is then a lost vault</span>
            </label>
          ) : null}
        </>
      ) : (
        <p className={classes['note']}>{keychain.reason} So the passphrase is its only key.</p>
      )}
      <p className={classes['note']}>
        Everything is encrypted anew under a new key, and the keys before open nothing any more. Copies of its files
        that were made before still open with the keys of their time.
      </p>
      <Refusal sentence={refusal} />
      <div className={classes['actions']}>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy || keychain === null}>
          {busy ? 'Changing the keys…' : 'Change the keys'}
        </button>
        <output className={classes['done']}>{changed ? 'The keys were changed.' : ''}</output>
      </div>
    </form>
  );
}

function opensBy({ ways }: VaultState): string {
  if (ways.length > 1) return 'It is unlocked by this computer’s keychain, or by its passphrase.';
  return ways.includes('keychain')
    ? 'It is unlocked by this computer’s keychain alone.'
    : 'It is unlocked by its passphrase alone.';
}
