import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ConsoleAccess } from '../../src-main/contract/profiles.ts';
import type { VaultState } from '../../src-main/contract/vault.ts';
import { lockWords } from './lock-words.ts';
import { UnlockForm, type VaultCalls } from './unlock-form.tsx';
import classes from './lock-screen.module.css';

export interface LockScreenProps {
  vault: VaultState;
  lock: ConsoleAccess['lock'];
  calls: VaultCalls;
}

/** All there is while the console is locked: no client, no figure, no name of a platform. */
export function LockScreen({ vault, lock, calls }: LockScreenProps): ReactNode {
  const words = lockWords(lock);
  return (
    <main className={classes['screen']}>
      <div className={classes['card']}>
        <h1 className={classes['title']}>
          <IconLock size={18} stroke={1.8} aria-hidden="true" />
          TenantDesk is locked
        </h1>
        {words === null ? null : <p className={classes['text']}>{words}</p>}
        <p className={classes['text']}>
          Its connections are closed and the key to them is gone from memory. Clients, caps and the platform go on
          without it.
        </p>
        <UnlockForm vault={vault} calls={calls} />
      </div>
    </main>
  );
}
