import { Modal } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { lazy, Suspense, useCallback, useState, type ReactNode } from 'react';
import type { ProfileSummary } from '../../src-main/contract/profiles.ts';
import { entryOf, FIRST_ENTRY, type KeptProfile, type ProfileEntry } from '../profiles/profile-entry.ts';
import { ProfileMenu } from '../profiles/profile-menu.tsx';
import { useAsking } from '../ui/asking.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { Refusal } from '../ui/refusal.tsx';
import type { Console } from './console.ts';
import { useLockKey } from './lock-key.ts';
import classes from './platform-desk.module.css';

const ConnectForm = lazy(async () => ({ default: (await import('../profiles/connect-form.tsx')).ConnectForm }));
const ConnectionList = lazy(async () => ({
  default: (await import('../profiles/connection-list.tsx')).ConnectionList,
}));
const ForgetForm = lazy(async () => ({ default: (await import('../profiles/forget-form.tsx')).ForgetForm }));
const SetUpForm = lazy(async () => ({ default: (await import('../vault/set-up-form.tsx')).SetUpForm }));
const VaultSettings = lazy(async () => ({
  default: (await import('../vault/vault-settings.tsx')).VaultSettings,
}));
const UnlockForm = lazy(async () => ({ default: (await import('../vault/unlock-form.tsx')).UnlockForm }));

type Asked =
  | { what: 'lock' | 'list' | 'vault' }
  | { what: 'connect'; first: ProfileEntry; kept: KeptProfile | null }
  | { what: 'forget'; profile: ProfileSummary };

const NEW: Asked = { what: 'connect', first: FIRST_ENTRY, kept: null };

/** The menu of platforms, the lock, and the dialogs behind them. */
export function PlatformDesk({ console }: { console: Console }): ReactNode {
  const access = useLiveValue(console.access);
  const [asked, setAsked] = useState<Asked | null>(null);
  const { client } = console;
  const { refusal, ask } = useAsking();
  const close = useCallback(() => setAsked(null), []);
  const list = useCallback(() => setAsked({ what: 'list' }), []);
  const probe = useCallback(() => client.vault.keychain(), [client]);
  const vault = access?.vault ?? null;

  function lock(): void {
    if (vault?.state === 'open' || vault?.state === 'locked') ask(() => client.vault.lock());
    else setAsked({ what: 'lock' });
  }
  useLockKey(lock);
  async function edit({ id }: ProfileSummary): Promise<void> {
    if (id === 'local') return;
    const { profile, ...kept } = await client.profiles.details({ id });
    setAsked({ what: 'connect', first: entryOf(profile, true), kept });
  }
  async function fromFile(text: string): Promise<void> {
    const { profile } = await client.profiles.readFile({ text });
    setAsked({ what: 'connect', first: entryOf(profile, false), kept: null });
  }

  function dialog(): ReactNode {
    if (vault === null || asked === null) return null;
    if (vault.state === 'none') {
      return (
        <SetUpForm
          probe={probe}
          setUp={(input) => client.vault.setUp(input)}
          onDone={asked.what === 'lock' ? close : undefined}
        />
      );
    }
    if (vault.state !== 'open') {
      return (
        <UnlockForm
          vault={vault}
          calls={{ unlock: (input) => client.vault.unlock(input), startOver: () => client.vault.startOver() }}
          onUnlocked={close}
        />
      );
    }
    if (asked.what === 'forget') {
      const { id } = asked.profile;
      return (
        <ForgetForm
          profile={asked.profile}
          forget={async () => (id === 'local' ? {} : client.profiles.forget({ id }))}
          onForgotten={list}
          onClose={list}
        />
      );
    }
    if (asked.what === 'vault') {
      return (
        <VaultSettings
          vault={vault}
          probe={probe}
          setKeys={(input) => client.vault.setKeys(input)}
          setIdle={(input) => client.vault.setIdle(input)}
          onClose={close}
        />
      );
    }
    if (asked.what === 'list') {
      return (
        <ConnectionList
          profiles={access?.profiles ?? []}
          currentId={access?.current?.id ?? null}
          onEdit={edit}
          onExport={({ id }) => client.profiles.exportFile({ id })}
          onForget={(profile) => setAsked({ what: 'forget', profile })}
          onImport={fromFile}
          onNew={() => setAsked(NEW)}
          onClose={close}
        />
      );
    }
    const { first, kept } = asked.what === 'connect' ? asked : { first: FIRST_ENTRY, kept: null };
    return (
      <ConnectForm
        key={kept?.id ?? first.name}
        first={first}
        kept={kept}
        test={(input, options) => client.profiles.test(input, options)}
        connect={(input, options) => client.profiles.connect(input, options)}
        onConnected={close}
        onClose={kept === null ? close : list}
      />
    );
  }

  const title = titleOf(asked, vault?.state ?? 'none');
  return (
    <>
      <ProfileMenu
        access={access}
        onOpen={(id) => ask(() => client.profiles.open({ id }))}
        onConnect={() => setAsked(NEW)}
        onList={list}
        onLock={lock}
        onVault={() => setAsked({ what: 'vault' })}
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
        size={580}
        transitionProps={{ duration: 0 }}
        attributes={{ content: { 'aria-label': title } }}
      >
        <h2 className={classes['title']}>{title}</h2>
        <Suspense fallback={null}>{dialog()}</Suspense>
      </Modal>
    </>
  );
}

function titleOf(asked: Asked | null, vault: 'none' | 'locked' | 'open' | 'damaged'): string {
  if (vault === 'none') return 'A vault for your connections';
  if (vault !== 'open') return 'Unlock your connections';
  if (asked?.what === 'forget') return `Forget ${asked.profile.name}`;
  if (asked?.what === 'vault') return 'The vault and the lock';
  if (asked?.what === 'list') return 'Your connections';
  return asked?.what === 'connect' && asked.kept !== null ? `Change ${asked.first.name}` : 'Connect your platform';
}
