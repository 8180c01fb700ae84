import type { ReactNode } from 'react';
import type { LinkState } from '../../src-main/contract/session.ts';
import { formatSince } from '../ui/format-instant.ts';
import { KeyHint } from '../ui/key-hint.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { ConsoleState } from './console-state.ts';
import type { Console } from './console.ts';
import classes from './status-bar.module.css';

export interface StatusBarProps {
  console: Console;
  state: ConsoleState;
  onHelp: () => void;
}

/** The parts of the platform one by one, and the keys. */
export function StatusBar({ console, state, onHelp }: StatusBarProps): ReactNode {
  const session = useLiveValue(console.session);
  const line = useLiveValue(console.line);
  return (
    <footer className={classes['bar']}>
      {session && line.state !== 'lost' ? (
        <>
          <Part name="gateway" link={session.gateway} />
          <Part name="database" link={session.database} />
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
        <span>
          <KeyHint keys="J K" />
          move
        </span>
        <span>
          <KeyHint keys="Enter" />
          open
        </span>
        <span>
          <KeyHint keys="+" />
          raise cap 10 %
        </span>
        <span>
          <KeyHint keys="/" />
          filter
        </span>
        <button type="button" className={classes['help']} onClick={onHelp}>
          <KeyHint keys="?" />
          shortcuts
        </button>
      </span>
    </footer>
  );
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
