import type { ReactNode } from 'react';
import classes from './work-progress.module.css';

export interface WorkProgressProps {
  label: string;
  /** From 0 to 1; null: nobody knows yet. */
  part: number | null;
  /** How far it is in words. */
  children: ReactNode;
  onCancel: () => void;
}

/** How far long work is, and the way out of it. */
export function WorkProgress({ label, part, children, onCancel }: WorkProgressProps): ReactNode {
  return (
    <div className={classes['work']}>
      <progress className={classes['bar']} aria-label={label} max={1} {...(part === null ? {} : { value: part })} />
      <span>{children}</span>
      <button type="button" className="td-button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}
