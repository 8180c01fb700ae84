import { Modal } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import type { ProfileSummary } from '../../src-main/contract/profiles.ts';
import { ProfileMenu } from '../profiles/profile-menu.tsx';
import { useAsking } from '../ui/asking.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { Refusal } from '../ui/refusal.tsx';
import type { Console } from './console.ts';
import { useLockKey } from './lock-key.ts';
import classes from './platform-desk.module.css';

const ConnectForm = lazy(async () => ({ default: (await import('../profiles/connect-form.tsx')).ConnectForm }));
const SetUpForm = lazy(async () => ({ default: (await import('../vault/set-up-form.tsx')).SetUpForm }));
const VaultSettings = lazy(async () => ({
  default: (await import('../vault/vault-settings.tsx')).VaultSettings,
}));
const UnlockForm = lazy(async () => ({ default: (await import('../vault/unlock-form.tsx')).UnlockForm }));

type Asked = { what: 'connect' | 'lock' | 'vault' } | { what: 'forget'; profile: ProfileSummary };

/** The menu of platforms, the lock, and the dialogs behind them. */
export function PlatformDesk({ console }: { console: Console }): ReactNode {
  const access = useLiveValue(console.access);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { client } = console;
  const { refusal, ask } = useAsking();
  const close = useCallback(() => setAsked(null), []);
  const probe = useCallback(() => client.vault.keychain(), [client]);
  const vault = access?.vault ?? null;

  function lock(): void {
    if (vault?.state === 'open' || vault?.state === 'locked') ask(() => client.vault.lock());
    else setAsked({ what: 'lock' });
  }
  useLockKey(lock);

  const title = titleOf(asked, vault?.state ?? 'none');
  return (
    <>
      <ProfileMenu
        access={access}
        onOpen={(id) => ask(() => client.profiles.open({ id }))}
        onConnect={() => setAsked({ what: 'connect' })}
        onLock={lock}
        onVault={() => setAsked({ what: 'vault' })}
        onForget={(profile) => setAsked({ what: 'forget', profile })}
      />
      <button type="button" className={classes['lock']} aria-label="Lock" title="Lock (Ctrl L)" onClick={lock}>
        <IconLock size={15} stroke={1.8} aria-hidden="true" />
      </button>
      {refusal === null || asked !== null ? null : <Refusal sentence={refusal} />}
      <Modal
        opened={asked !== null && vault !== null}
        onClose={close}
        closeOnClickOutside={false}
        withCloseButton={false}
        size={560}
        transitionProps={{ duration: 0 }}
        attributes={{ content: { 'aria-label': title } }}
      >
        <h2 className={classes['title']}>{title}</h2>
        <Suspense fallback={null}>
          {vault === null || asked === null ? null : asked.what === 'forget' ? (
            <ForgetForm
              profile={asked.profile}
              forget={() => client.profiles.forget({ id: asked.profile.id })}
              onClose={close}
            />
          ) : vault.state === 'none' ? (
            <SetUpForm
              probe={probe}
              setUp={(input) => client.vault.setUp(input)}
              onDone={asked.what === 'lock' ? close : undefined}
            />
          ) : vault.state === 'open' && asked.what === 'vault' ? (
            <VaultSettings
              vault={vault}
              probe={probe}
              setKeys={(input) => client.vault.setKeys(input)}
              setIdle={(input) => client.vault.setIdle(input)}
              onClose={close}
            />
          ) : vault.state === 'open' ? (
            <ConnectForm
              test={(input) => client.profiles.test(input)}
              connect={(input) => client.profiles.connect(input)}
              onConnected={close}
              onClose={close}
            />
          ) : (
            <UnlockForm
              vault={vault}
              calls={{ unlock: (input) => client.vault.unlock(input), startOver: () => client.vault.startOver() }}
              onUnlocked={close}
            />
          )}
        </Suspense>
      </Modal>
    </>
  );
}

function titleOf(asked: Asked | null, vault: 'none' | 'locked' | 'open' | 'damaged'): string {
  if (asked?.what === 'forget') return `Forget ${asked.profile.name}`;
  if (vault === 'none') return 'A vault for your connections';
  if (asked?.what === 'vault' && vault === 'open') return 'The vault and the lock';
  return vault === 'open' ? 'Connect your platform' : 'Unlock your connections';
}

interface ForgetFormProps {
  profile: ProfileSummary;
  forget: () => Promise<object>;
  onClose: () => void;
}

function ForgetForm({ profile, forget, onClose }: ForgetFormProps): ReactNode {
  const { busy, refusal, ask } = useAsking();
  return (
    <>
      <p className={classes['text']}>
        Login, password and token of <bdi>{profile.name}</bdi> ({profile.label}) are removed from the vault. The
        platform itself is not touched.
      </p>
      <Refusal sentence={refusal} />
      <div className={classes['end']}>
        <button type="button" className="td-button" onClick={onClose}>
          Keep it
        </button>
        <button
          type="button"
          className="td-button"
          data-weight="strong"
          aria-disabled={busy}
          onClick={() => ask(forget, onClose)}
        >
          Forget it
        </button>
      </div>
    </>
  );
}
