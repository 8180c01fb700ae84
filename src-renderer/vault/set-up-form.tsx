import { useState, type ReactNode } from 'react';
import type { ContractInputs } from '../../src-main/contract/contract.ts';
import { LEAST_PASSPHRASE } from '../../src-main/contract/vault.ts';
import { useAsking } from '../ui/asking.ts';
import { Refusal } from '../ui/refusal.tsx';
import { NewPassphrase } from './new-passphrase.tsx';
import { readSetUp } from './set-up-entry.ts';
import { useKeychain, type KeychainState } from './use-keychain.ts';
import classes from './vault-form.module.css';

export interface SetUpFormProps {
  probe: () => Promise<KeychainState>;
  setUp: (input: ContractInputs['vault']['setUp']) => Promise<object>;
  onDone?: () => void;
}

/** The vault's first keys: this computer's keychain where it can be trusted, a passphrase everywhere. */
export function SetUpForm({ probe, setUp, onDone }: SetUpFormProps): ReactNode {
  const keychain = useKeychain(probe);
  const [wanted, setWanted] = useState(true);
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [tried, setTried] = useState(false);
  const { busy, refusal, ask } = useAsking();
  const usable = keychain?.usable === true;
  const read = readSetUp({ passphrase, again, keychain: usable && wanted });

  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (keychain !== null && read.ok) ask(() => setUp(read.input), onDone);
      }}
    >
      <p className={classes['note']}>
        Passwords and tokens of your connections are kept encrypted on this computer. They never come back to this
        window.
      </p>
      {keychain === null ? (
        <output className={classes['note']}>Trying this computer’s keychain…</output>
      ) : usable ? (
        <label className={classes['choice']}>
          <input type="checkbox" checked={wanted} onChange={() => setWanted(!wanted)} />
          <span>This computer’s keychain unlocks it, so that nothing has to be typed</span>
        </label>
      ) : (
        <p className={classes['note']}>{keychain.reason} So a passphrase is needed.</p>
      )}
      <NewPassphrase
        label={usable && wanted ? 'Passphrase (for the day the keychain is lost)' : 'Passphrase'}
        help={`At least ${LEAST_PASSPHRASE} characters; several words are easiest. Nobody can recover it.`}
        value={passphrase}
        again={again}
        problems={tried && !read.ok ? read : null}
        busy={busy}
        onValue={setPassphrase}
        onAgain={setAgain}
      />
      <Refusal sentence={refusal} />
      <div className={classes['actions']}>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy || keychain === null}>
          {busy ? 'Making the vault…' : 'Make the vault'}
        </button>
      </div>
    </form>
  );
}
