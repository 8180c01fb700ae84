import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import classes from './refusal-note.module.css';

/** Why something was refused, and what to do. */
export function Refusal({ sentence }: { sentence: string | null }): ReactNode {
  return sentence === null ? null : (
    <div className={classes['note']} role="alert">
      <StateMark shape="triangle" tone="warn" />
      <span>{sentence}</span>
    </div>
  );
}
