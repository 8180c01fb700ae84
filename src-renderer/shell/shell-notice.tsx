import type { ReactNode } from 'react';
import { StateMark } from '../ui/state-mark.tsx';
import classes from './shell-notice.module.css';

/** Above every page: something about the window itself, until it was read. */
export function ShellNotice({ sentence, onRead }: { sentence: string | null; onRead: () => void }): ReactNode {
  if (sentence === null) return null;
  return (
    <output className={classes['notice']}>
      <StateMark shape="triangle" tone="warn" />
      <span>{sentence}</span>
      <button type="button" className="td-link" onClick={onRead}>
        Put away
      </button>
    </output>
  );
}
