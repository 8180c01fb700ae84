import { useEffect, useState, type ReactNode } from 'react';
import type { ContractInputs } from '../../src-main/contract/contract.ts';
import type { VaultState } from '../../src-main/contract/vault.ts';
import { useAsking } from '../ui/asking.ts';
import { Field } from '../ui/field.tsx';
import { Refusal } from '../ui/refusal.tsx';
import classes from './vault-form.module.css';

export interface VaultCalls {
  unlock: (input: ContractInputs['vault']['unlock']) => Promise<object>;
  startOver: () => Promise<{ movedTo: string | null }>;
}

export interface UnlockFormProps {
  vault: VaultState;
  calls: VaultCalls;
  onUnlocked?: () => void;
}

/** A passphrase, the keychain, or what is left when neither helps. */
export function UnlockForm({ vault, calls, onUnlocked }: UnlockFormProps): ReactNode {
  const [passphrase, setPassphrase] = useState('');
  const [givingUp, setGivingUp] = useState(false);
  const { busy, refusal, ask } = useAsking();
  const wait = useSecondsUntil(vault.waitUntil);
  const byPassphrase = vault.ways.includes('passphrase');

  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (byPassphrase && passphrase !== '' && wait === 0) {
          ask(
            () => calls.unlock({ way: 'passphrase', passphrase }).finally(() => setPassphrase('')),
            () => onUnlocked?.(),
          );
        }
      }}
    >
      {vault.notice === null ? null : <Refusal sentence={vault.notice} />}
      {vault.keychainTrouble === null || refusal !== null ? null : <Refusal sentence={vault.keychainTrouble} />}
      {vault.keychainAsked ? (
        <output className={classes['note']}>
          Asking this computer’s keychain; it may be waiting for you in another window.
        </output>
      ) : null}
      {byPassphrase ? (
        <Field label="Passphrase" help={wait > 0 ? `The next one is taken in ${wait} s.` : undefined}>
          {(input) => (
            <input
              {...input}
              type="password"
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing that can be done here
              autoFocus
              autoComplete="off"
              value={passphrase}
              readOnly={busy}
              onChange={({ currentTarget: { value } }) => setPassphrase(value)}
            />
          )}
        </Field>
      ) : null}
      <Refusal sentence={refusal} />
      <div className={classes['actions']}>
        {byPassphrase ? (
          <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy || wait > 0}>
            {busy ? 'Unlocking…' : 'Unlock'}
          </button>
        ) : null}
        {vault.ways.includes('keychain') ? (
          <button
            type="button"
            className="td-button"
            data-weight={byPassphrase ? undefined : 'strong'}
            aria-disabled={busy}
            onClick={() =>
              ask(
                () => calls.unlock({ way: 'keychain' }),
                () => onUnlocked?.(),
              )
            }
          >
            Unlock with this computer’s keychain
          </button>
        ) : null}
      </div>
      {givingUp ? (
        <fieldset className={classes['giveUp']} aria-label="Start over">
          <p>
            The vault is moved aside, not deleted. Its connections have to be entered again, with their passwords and
            tokens.
          </p>
          <div className={classes['actions']}>
            <button type="button" className="td-button" onClick={() => ask(calls.startOver)}>
              Move the vault aside and start over
            </button>
            <button type="button" className="td-button" onClick={() => setGivingUp(false)}>
              Keep it
            </button>
          </div>
        </fieldset>
      ) : (
        <button type="button" className="td-link" onClick={() => setGivingUp(true)}>
          It can’t be unlocked any more…
        </button>
      )}
    </form>
  );
}

/** Whole seconds until then, 0 when it has come; counts down while it is shown. */
function useSecondsUntil(until: Date | null): number {
  const [now, setNow] = useState(() => Date.now());
  const left = until === null ? 0 : Math.max(0, Math.ceil((until.getTime() - now) / 1_000));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return left;
}
