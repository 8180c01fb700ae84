import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { GatewayState, LinkState } from '../../src-main/contract/session.ts';
import { formatSince } from '../ui/format-instant.ts';
import { KeyHint } from '../ui/key-hint.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { ConsoleState } from './console-state.ts';
import type { Console } from './console.ts';
import { pageKeys } from './page-keys.ts';
import classes from './status-bar.module.css';

export interface StatusBarProps {
  console: Console;
  state: ConsoleState;
  onHelp: () => void;
}

/** The parts of the platform one by one, and the keys of the page. */
export function StatusBar({ console, state, onHelp }: StatusBarProps): ReactNode {
  const session = useLiveValue(console.session);
  const line = useLiveValue(console.line);
  const keys = useLocation({ select: ({ pathname }) => pageKeys(pathname) });
  return (
    <footer className={classes['bar']}>
      {session && line.state !== 'lost' ? (
        <>
          <Part name="gateway" link={session.gateway} />
          <SilentGateways gateways={session.gateways} />
          <Part name="database" link={session.database} />
          {session.gatewayDatabase?.state === 'away' && session.database.state === 'live' ? (
            <Part name="gateway’s database" link={session.gatewayDatabase} />
          ) : null}
          {session.redis === null ? null : <Part name="redis" link={session.redis} />}
          {session.providersAway.map(({ id, since }) => (
            <Part key={id} name={id} link={{ state: 'away', since, reason: 'It does not answer the gateway.' }} />
          ))}
        </>
      ) : (
        <span className={classes['part']}>
          <StateMark shape={state.shape} tone={state.tone} />
          {state.text}
        </span>
      )}
      {session?.shell === 'browser' ? (
        <span className={classes['shell']} title="For development, tests and machines without Electron">
          browser shell {session.version}
          <span>, for development and machines without Electron</span>
        </span>
      ) : null}
      <span className={classes['keys']}>
        {keys.map(([key, does]) => (
          <span key={key}>
            <KeyHint keys={key} />
            {does}
          </span>
        ))}
        <button type="button" className={classes['help']} onClick={onHelp}>
          <KeyHint keys="?" />
          shortcuts
        </button>
      </span>
    </footer>
  );
}

/** How many gateways there are beside the one that is heard, and since when some are silent. */
function SilentGateways({ gateways }: { gateways: readonly GatewayState[] }): ReactNode {
  const silent = gateways.filter(({ silentSince }) => silentSince !== null);
  if (silent.length === 0) {
    return gateways.length < 2 ? null : (
      <span className={classes['part']} title={gateways.map(({ name }) => name).join(', ')}>
        {gateways.length} of {gateways.length} gateways heard
      </span>
    );
  }
  return silent.map(({ id, name, silentSince }) => (
    <span
      key={id}
      className={classes['part']}
      title="What it holds stays held until it comes back or an operator releases it."
    >
      <StateMark shape="triangle" tone="warn" />
      gateway {name} silent since {silentSince === null ? '' : formatSince(silentSince)}
    </span>
  ));
}

function Part({ name, link }: { name: string; link: LinkState }): ReactNode {
  const text = { live: 'live', connecting: 'catching up', away: `away since ${formatSince(link.since)}` };
  return (
    <span className={classes['part']} title={link.reason ?? undefined}>
      <StateMark
        shape={link.state === 'live' ? 'circle' : link.state === 'away' ? 'triangle' : 'dashed'}
        tone={link.state === 'live' ? 'calm' : link.state === 'away' ? 'warn' : 'idle'}
      />
      {name} {text[link.state]}
    </span>
  );
}
