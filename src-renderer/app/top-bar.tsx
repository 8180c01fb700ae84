import { IconSearch, IconSettings } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { SessionState } from '../../src-main/contract/session.ts';
import { KeyHint } from '../ui/key-hint.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { ConsoleState } from './console-state.ts';
import type { Console } from './console.ts';
import { PlatformDesk } from './platform-desk.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import classes from './top-bar.module.css';

const ROLES: Record<NonNullable<SessionState['operator']>['role'], string> = {
  viewer: 'viewer',
  account_manager: 'account manager',
  operator: 'operator',
  admin: 'admin',
  auditor: 'auditor',
};

export interface TopBarProps {
  console: Console;
  state: ConsoleState;
  onSearch: () => void;
}

/** Which platform this is and how it stands; the way to everything; who is at the desk. */
export function TopBar({ console, state, onSearch }: TopBarProps): ReactNode {
  const session = useLiveValue(console.session);
  const kind = useLiveValue(console.access)?.current?.kind;
  return (
    <header className={classes['bar']}>
      <span className={classes['brand']}>TenantDesk</span>
      {kind === undefined ? null : (
        <span className={classes['kind']} data-kind={kind} aria-label="Kind of platform">
          {kind}
        </span>
      )}
      <output
        className={classes['profile']}
        style={{ borderLeftColor: session?.profile.colour ?? 'transparent' }}
        aria-label="Connection"
      >
        <StateMark shape={state.shape} tone={state.tone} />
        <span className={classes['words']}>
          {session === null ? '' : `${session.profile.name} · `}
          {state.text}
        </span>
      </output>
      <PlatformDesk console={console} />
      <button type="button" className={classes['search']} onClick={onSearch} aria-keyshortcuts="Control+K">
        <IconSearch size={14} aria-hidden="true" />
        <span>Find a client, an action, a page</span>
        <KeyHint keys="Ctrl K" />
      </button>
      <ThemeSwitch />
      <Link to="/settings" className="td-button" aria-label="Settings" title="Settings (Ctrl ,)">
        <IconSettings size={15} aria-hidden="true" />
      </Link>
      {session?.operator ? (
        <span className={classes['operator']} title={`signed in as ${session.operator.login}`}>
          {session.operator.name} <small>{ROLES[session.operator.role]}</small>
        </span>
      ) : null}
    </header>
  );
}
