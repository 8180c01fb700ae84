import type { InputHTMLAttributes, ReactNode } from 'react';
import classes from './contract-dialog.module.css';

export interface LineFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** "as INR" */
  hint?: string;
  onText: (text: string) => void;
}

/** A labelled line of the dialogs on contracts and rates. */
export function LineField({ label, hint, onText, ...input }: LineFieldProps): ReactNode {
  return (
    <label className={classes['field']}>
      <span>
        {label} {hint === undefined ? null : <small>{hint}</small>}
      </span>
      <input
        type="text"
        autoComplete="off"
        maxLength={200}
        {...input}
        onChange={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}
