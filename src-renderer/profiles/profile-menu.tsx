import { Menu } from '@mantine/core';
import { IconCheck, IconChevronDown, IconKey, IconLock, IconPlugConnected, IconSettings } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ConsoleAccess, ProfileSummary } from '../../src-main/contract/profiles.ts';
import classes from './profile-menu.module.css';

export interface ProfileMenuProps {
  access: ConsoleAccess | null;
  onOpen: (id: ProfileSummary['id']) => void;
  onConnect: () => void;
  /** What is kept, to be changed, handed on, forgotten. */
  onList: () => void;
  onLock: () => void;
  onVault: () => void;
}

/** Which platforms there are, the way to another one, and the lock. */
export function ProfileMenu({ access, onOpen, onConnect, onList, onLock, onVault }: ProfileMenuProps): ReactNode {
  const profiles = access?.profiles ?? (access?.current ? [access.current] : []);
  const current = access?.current ?? null;
  return (
    <Menu
      position="bottom-start"
      width={300}
      transitionProps={{ duration: 0 }}
      withinPortal
      // Else the menu has a child that is no item of it.
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <button type="button" className={classes['target']} aria-label="Platforms">
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown aria-label="Platforms">
        {profiles.map((profile) => (
          <Menu.Item
            key={profile.id}
            leftSection={<span className={classes['colour']} style={{ background: profile.colour }} />}
            rightSection={profile.id === current?.id ? <IconCheck size={14} aria-label="open" /> : undefined}
            onClick={() => {
              if (profile.id !== current?.id) onOpen(profile.id);
            }}
          >
            <bdi>{profile.name}</bdi> <small className={classes['kind']}>{profile.kind}</small>
            <small className={classes['label']}>{profile.label}</small>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconPlugConnected size={14} aria-hidden="true" />} onClick={onConnect}>
          {access?.vault.state === 'locked' ? 'Unlock your connections…' : 'Connect your platform…'}
        </Menu.Item>
        {access?.vault.state === 'open' ? (
          <Menu.Item leftSection={<IconSettings size={14} aria-hidden="true" />} onClick={onList}>
            Your connections…
          </Menu.Item>
        ) : null}
        {access?.vault.state === 'open' ? (
          <Menu.Item leftSection={<IconKey size={14} aria-hidden="true" />} onClick={onVault}>
            Vault and lock…
          </Menu.Item>
        ) : null}
        <Menu.Item leftSection={<IconLock size={14} aria-hidden="true" />} rightSection="Ctrl L" onClick={onLock}>
          Lock
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
