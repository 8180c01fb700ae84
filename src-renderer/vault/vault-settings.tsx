import type { ReactNode } from 'react';
import type { IdleMinutes } from '../../src-main/contract/vault.ts';
import { IdleChoice } from './idle-choice.tsx';
import { KeysForm, type KeysFormProps } from './keys-form.tsx';
import classes from './vault-form.module.css';

export interface VaultSettingsProps extends KeysFormProps {
  setIdle: (input: { minutes: IdleMinutes }) => Promise<object>;
  onClose: () => void;
}

/** The open vault: when it locks itself, and what opens it. */
export function VaultSettings({ setIdle, onClose, ...keys }: VaultSettingsProps): ReactNode {
  const { idleMinutes } = keys.vault;
  return (
    <div className={classes['parts']}>
      {idleMinutes === null ? null : <IdleChoice minutes={idleMinutes} setIdle={setIdle} />}
      <section className={classes['part']} aria-label="Keys">
        <h3 className={classes['heading']}>Keys</h3>
        <KeysForm {...keys} />
      </section>
      <div className={classes['end']}>
        <button type="button" className="td-button" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}
