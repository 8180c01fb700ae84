import { Outlet } from '@tanstack/react-router';
import { useCallback, type ReactNode } from 'react';
import { capPermission } from '../caps/cap-permission.ts';
import { capTarget } from '../caps/cap-target.ts';
import { useConsole } from './console-context.ts';
import { Shell } from './shell.tsx';
import { useConsoleState } from './use-console-state.ts';

/** The shell around whatever page the address names. */
export function Frame(): ReactNode {
  const console = useConsole();
  const state = useConsoleState(console);
  const { changesOff } = state;

  const raise = useCallback(() => {
    const at = console.cursor.get();
    const row = at === null ? undefined : console.board.data.get()?.rows.get(at);
    const target = row ? capTarget(row) : null;
    const allowed = capPermission(console.session.get()?.operator ?? null, changesOff).raise === null;
    if (target && allowed) console.capChanges.change(target, { kind: 'percent', percent: 10 });
  }, [console, changesOff]);

  return (
    <Shell console={console} state={state} onRaise={raise}>
      <Outlet />
    </Shell>
  );
}
