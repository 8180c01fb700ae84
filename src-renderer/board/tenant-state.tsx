import type { ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { tenantWords } from './tenant-words.ts';
import classes from './tenant-state.module.css';

/** A client's state in a shape and words, with what follows from it below. */
export function TenantState({ row }: { row: BoardRow }): ReactNode {
  const { shape, tone, text, detail } = tenantWords(row);
  return (
    <span className={classes['state']} data-tone={tone}>
      <StateMark shape={shape} tone={tone} />
      <span className={classes['words']}>
        <span className={classes['text']}>{text}</span>
        {detail === null ? null : (
          <span className={classes['detail']} title={detail}>
            {detail}
          </span>
        )}
      </span>
    </span>
  );
}
