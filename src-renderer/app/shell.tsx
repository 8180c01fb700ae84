import { Link, useNavigate } from '@tanstack/react-router';
import { IconChartLine, IconFileText, IconHistory, IconLayoutList } from '@tabler/icons-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { AuditAlarm } from '../audit/audit-alarm.tsx';
import { auditPermission } from '../audit/audit-permission.ts';
import type { CapPermission } from '../caps/cap-permission.ts';
import { clientPermission } from '../tenants/client-permission.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { useShortcuts } from '../ui/shortcuts.ts';
import type { ConsoleState } from './console-state.ts';
import type { Console } from './console.ts';
import { useCtrlKey } from './ctrl-key.ts';
import { InboxPlace } from './inbox-place.tsx';
import { MissedStrip } from './missed-strip.tsx';
import { PlatformNotes } from '../profiles/platform-notes.tsx';
import { StatusBar } from './status-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { WantedPlace } from './wanted-place.tsx';
import classes from './shell.module.css';

const CommandPalette = lazy(async () => ({ default: (await import('./command-palette.tsx')).CommandPalette }));
const NewClient = lazy(async () => ({ default: (await import('./new-client.tsx')).NewClient }));
const ShortcutHelp = lazy(async () => ({ default: (await import('./shortcut-help.tsx')).ShortcutHelp }));

export interface ShellProps {
  console: Console;
  state: ConsoleState;
  permission: CapPermission;
  children: ReactNode;
}

/** The frame around every page: where one is, how the platform stands, what the keys do. */
export function Shell({ console, state, permission, children }: ShellProps): ReactNode {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const session = useLiveValue(console.session);
  const platform = useLiveValue(console.access)?.current ?? null;
  const newClient = useLiveValue(console.newClient);
  const { create } = clientPermission(session?.operator ?? null, state.changesOff);
  useShortcuts({
    '?': () => setHelp(true),
    b: () => void navigate({ to: '/board' }),
    i: () => void navigate({ to: '/inbox' }),
    m: () => void navigate({ to: '/margins' }),
    r: () => void navigate({ to: '/reports' }),
    n: () => {
      if (create === null) console.newClient.set(true);
    },
  });
  useCtrlKey('k', () => setPalette(true));
  useCtrlKey(',', () => void navigate({ to: '/settings' }));

  return (
    <div className={classes['shell']}>
      {/* Above every dialog too: which platform this is, is never out of sight. */}
      <div
        className={classes['edge']}

        style={{ borderColor: platform?.colour ?? 'transparent' }}
      />
      <TopBar console={console} state={state} onSearch={() => setPalette(true)} />
      <WantedPlace console={console} />
      <AuditAlarm memory={console.auditMemory} link={<Link to="/audit/verify">Look</Link>} />
      <MissedStrip console={console} />
      <PlatformNotes notes={[...(platform?.weakness ? [platform.weakness] : []), ...(session?.skew ?? [])]} />
      <div className={classes['middle']}>
        <nav className={classes['rail']} aria-label="Pages">
          <Link to="/board" className={classes['place']} activeProps={{ 'aria-current': 'page' }}>
            <IconLayoutList size={17} stroke={1.7} aria-hidden="true" />
            <span>Board</span>
          </Link>
          <InboxPlace console={console} />
          <Link to="/margins" className={classes['place']} activeProps={{ 'aria-current': 'page' }}>
            <IconChartLine size={17} stroke={1.7} aria-hidden="true" />
            <span>Margins</span>
          </Link>
          <Link to="/reports" className={classes['place']} activeProps={{ 'aria-current': 'page' }}>
            <IconFileText size={17} stroke={1.7} aria-hidden="true" />
            <span>Reports</span>
          </Link>
          {auditPermission(session?.operator ?? null) === null ? (
            <Link to="/audit" className={classes['place']} activeProps={{ 'aria-current': 'page' }}>
              <IconHistory size={17} stroke={1.7} aria-hidden="true" />
              <span>Audit</span>
            </Link>
          ) : null}
        </nav>
        <main className={classes['main']}>{children}</main>
      </div>
      <StatusBar console={console} state={state} onHelp={() => setHelp(true)} />
      <Suspense fallback={null}>
        {palette ? (
          <CommandPalette
            console={console}
            onClose={() => setPalette(false)}
            permission={permission}
            clients={clientPermission(session?.operator ?? null, state.changesOff)}
            onHelp={() => setHelp(true)}
          />
        ) : null}
        {newClient ? <NewClient console={console} /> : null}
        {help ? <ShortcutHelp onClose={() => setHelp(false)} /> : null}
      </Suspense>
    </div>
  );
}
