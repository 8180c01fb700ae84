import type { ReactNode } from 'react';
import classes from './key-hint.module.css';

/** A key as it is printed on the keyboard. */
export function KeyHint({ keys }: { keys: string }): ReactNode {
  return (
    <>
      {keys.split(' ').map((key) => (
        <kbd key={key} className={classes['key']}>
          {key}
        </kbd>
      ))}
    </>
  );
}
