import type { ReactNode } from 'react';
import type { PartResult, PlatformPart } from '../../src-main/contract/profiles.ts';
import { StateMark } from '../ui/state-mark.tsx';
import classes from './part-list.module.css';

const NAMES: Record<PlatformPart, string> = {
  host: 'Host',
  tls: 'Encryption',
  login: 'Login',
  powers: 'Rights',
  schema: 'Schema',
  operator: 'Operator',
  changes: 'News',
  gateway: 'Gateway',
  token: 'Token',
  same_platform: 'Same platform',
};
const MARKS = {
  fine: { shape: 'circle', tone: 'calm' },
  warned: { shape: 'square', tone: 'warn' },
  failed: { shape: 'triangle', tone: 'warn' },
  trying: { shape: 'pause', tone: 'idle' },
  waiting: { shape: 'dashed', tone: 'idle' },
  untried: { shape: 'dashed', tone: 'idle' },
} as const;

/** What each part of a platform said to the test. */
export function PartList({ parts }: { parts: readonly PartResult[] }): ReactNode {
  return (
    <ul className={classes['list']} aria-label="What each part said">
      {parts.map(({ part, outcome, sentence }) => (
        <li key={part} data-outcome={outcome}>
          <StateMark {...MARKS[outcome]} />
          <b>{NAMES[part]}</b>
          <span>{outcome === 'trying' ? 'Trying…' : outcome === 'waiting' ? 'Waiting' : sentence}</span>
        </li>
      ))}
    </ul>
  );
}
