import { Outlet, useLocation } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { capPermission } from '../caps/cap-permission.ts';
import { StatePanel } from '../ui/state-panel.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { useConsole } from './console-context.ts';
import { Shell } from './shell.tsx';
import { useConsoleState } from './use-console-state.ts';

/** The shell around whatever page the address names. */
export function Frame(): ReactNode {
  const console = useConsole();
  const state = useConsoleState(console);
  const session = useLiveValue(console.session);
  const access = useLiveValue(console.access);
  const path = useLocation({ select: ({ pathname }) => pathname });
  const permission = useMemo(
    () => capPermission(session?.operator ?? null, state.changesOff),
    [session, state.changesOff],
  );
  return (
    <Shell console={console} state={state} permission={permission}>
      {access?.current === null && !access.locked && path !== '/settings' ? (
        <StatePanel kind="empty" title="No platform is connected">
          ▾ at the top connects yours: its database, its gateway, your own login. It is kept in a vault on this
          computer.
        </StatePanel>
      ) : session?.locked ? (
        <StatePanel kind="error" title="Locked">
          {session.locked}
        </StatePanel>
      ) : (
        <Outlet />
      )}
    </Shell>
  );
}
