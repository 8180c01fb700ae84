import { useState, type ReactNode } from 'react';
import { RefusalNote, type RefusalNoteProps } from './refusal-note.tsx';
import { isBusy } from './submission.ts';
import classes from './change-form.module.css';

export interface ChangeFormProps extends RefusalNoteProps {
  /** What the form is for, where its place doesn't say it: "Suspend Clinic B". */
  name?: string;
  /** What its button does: "Add this cap". */
  label: ReactNode;
  /** While it is under way: "Adding…". */
  pendingLabel?: string;
  /** What the change is made from isn't known yet: true. */
  unready?: boolean;
  /** Version of what it changes. When another comes while the form is open, that is said; what was typed stays. */
  version?: number;
  /** Buttons that send something else. */
  more?: ReactNode;
  cancelLabel?: string;
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** A form that changes something: its fields, how it went, the button that sends it, and the way out. */
export function ChangeForm(props: ChangeFormProps): ReactNode {
  const { name, submission, label, pendingLabel = label, unready = false, version, more, children } = props;
  const [openedAt] = useState(version);
  return (
    <form
      className={classes['form']}
      aria-label={name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      {children}
      {version === openedAt || isBusy(submission) ? null : (
        <output>This was changed meanwhile. What is shown above is new; what you set replaces it.</output>
      )}
      <RefusalNote {...props} />
      <span className={classes['choices']}>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={isBusy(submission) || unready}>
          {submission.state === 'pending' ? pendingLabel : label}
        </button>
        {more}
        <button type="button" className="td-button" onClick={props.onCancel}>
          {props.cancelLabel ?? 'Cancel'}
        </button>
      </span>
    </form>
  );
}

export interface ChangeQuestionProps extends RefusalNoteProps {
  /** What saying yes does: "Remove this cap". */
  label: ReactNode;
  onYes: () => void;
  onNo: () => void;
  children: ReactNode;
}

/** Asks once more before something is ended that is kept otherwise. */
export function ChangeQuestion(props: ChangeQuestionProps): ReactNode {
  const { submission, label, onYes, onNo, children } = props;
  return (
    <div className={classes['form']} role="alert">
      <p>{children}</p>
      <RefusalNote {...props} />
      <span className={classes['choices']}>
        <button
          type="button"
          className="td-button"
          data-weight="strong"
          aria-disabled={submission.state === 'pending'}
          onClick={onYes}
        >
          {label}
        </button>
        <button type="button" className="td-button" onClick={onNo}>
          Keep it
        </button>
      </span>
    </div>
  );
}
