import type { ReactNode } from 'react';
import { RefusalNote, type RefusalNoteProps } from './refusal-note.tsx';
import classes from './form-end.module.css';

export interface FormEndProps extends RefusalNoteProps {
  /** What the button does: "Add this cap". */
  label: string;
  /** While it is under way: "Adding…". */
  pendingLabel: string;
  onCancel: () => void;
}

/** The end of a form that changes something: how it went, the button that sends it, and the way out. */
export function FormEnd({ submission, harmless, onAgain, label, pendingLabel, onCancel }: FormEndProps): ReactNode {
  const busy = submission.state === 'pending' || submission.state === 'unanswered';
  return (
    <>
      <RefusalNote submission={submission} harmless={harmless} onAgain={onAgain} />
      <span className={classes['choices']}>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy}>
          {submission.state === 'pending' ? pendingLabel : label}
        </button>
        <button type="button" className="td-button" onClick={onCancel}>
          Cancel
        </button>
      </span>
    </>
  );
}
