import type { ReactNode } from 'react';
import { StateMark, type StateShape, type Tone } from './state-mark.tsx';
import classes from './state-panel.module.css';

export interface StatePanelProps {
  kind: 'empty' | 'error' | 'loading';
  title: string;
  children?: ReactNode;
  /** A remedy: a button or a link. */
  action?: ReactNode;
}

/** A query that failed. */
interface Unread {
  error: Error;
  refetch: () => Promise<object>;
}

const MARKS: Record<StatePanelProps['kind'], { shape: StateShape; tone: Tone }> = {
  empty: { shape: 'dashed', tone: 'idle' },
  error: { shape: 'triangle', tone: 'warn' },
  loading: { shape: 'dashed', tone: 'idle' },
};

/** What stands where a list would: nothing there, could not be had, still coming. */
export function StatePanel({ kind, title, children, action }: StatePanelProps): ReactNode {
  return (
    <div className={classes['panel']} role={kind === 'error' ? 'alert' : 'status'}>
      <StateMark {...MARKS[kind]} />
      <h2 className={classes['title']}>{title}</h2>
      {children === undefined ? null : <p className={classes['text']}>{children}</p>}
      {action}
    </div>
  );
}

/** What could not be read, why, and a button that reads it again. */
export function UnreadPanel({ title, query }: { title: string; query: Unread }): ReactNode {
  return (
    <StatePanel
      kind="error"
      title={title}
      action={
        <button type="button" className="td-button" onClick={() => void query.refetch()}>
          Read again
        </button>
      }
    >
      {query.error.message}
    </StatePanel>
  );
}

/** A line above figures that are old or not whole. */
export function StaleLine({ children }: { children: ReactNode }): ReactNode {
  return (
    <output className={classes['stale']}>
      <StateMark shape="triangle" tone="warn" />
      <span>{children}</span>
    </output>
  );
}

/** Grey lines in the place of rows that are on their way. */
export function SkeletonRows({ rows, label }: { rows: number; label: string }): ReactNode {
  return (
    <output className={classes['skeleton']} aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className={classes['skeletonRow']}>
          <i />
          <i />
          <i />
          <i />
        </span>
      ))}
    </output>
  );
}
