import type { ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import type { Submission } from './submission.ts';
import classes from './refusal-note.module.css';

export interface RefusalNoteProps {
  submission: Submission<unknown>;
  /** "can’t make it twice": what asking again does not do. */
  harmless: string;
  onAgain: () => void;
}

/** How a change ended that was not made, or of which nobody knows; nothing else. */
export function RefusalNote({ submission, harmless, onAgain }: RefusalNoteProps): ReactNode {
  if (submission.state !== 'refused' && submission.state !== 'unanswered') return null;
  return (
    <div className={classes['note']} role="alert">
      <StateMark shape="triangle" tone="warn" />
      {submission.state === 'refused' ? (
        <span>{submission.sentence}</span>
      ) : (
        <span>
          {submission.sentence} Asking again {harmless}.{' '}
          <button type="button" className="td-link" onClick={onAgain}>
            Ask again
          </button>
        </span>
      )}
    </div>
  );
}
