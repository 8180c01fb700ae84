import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { VaultState } from '../../src-main/contract/vault.ts';
import { UnlockForm, type VaultCalls } from './unlock-form.tsx';
import classes from './lock-screen.module.css';

/** All there is while the console is locked: no client, no figure, no name of a platform. */
export function LockScreen({ vault, calls }: { vault: VaultState; calls: VaultCalls }): ReactNode {
  return (
    <main className={classes['screen']}>
      <div className={classes['card']}>
        <h1 className={classes['title']}>
          <IconLock size={18} stroke={1.8} aria-hidden="true" />
          TenantDesk is locked
        </h1>
        <p className={classes['text']}>
          Its connections are closed and the key to them is gone from memory. Clients, caps and the platform go on
          without it.
        </p>
        <UnlockForm vault={vault} calls={calls} />
      </div>
    </main>
  );
}
