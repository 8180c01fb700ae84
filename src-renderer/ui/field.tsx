import { useId, type ReactNode } from 'react';
import classes from './field.module.css';

/** What an input needs of the field around it. */
export interface FieldInput {
  id: string;
  'aria-describedby': string;
  'aria-invalid': boolean;
}

export interface FieldProps {
  label: string;
  /** What to enter, or what follows from it. */
  help?: ReactNode;
  /** Why it can't be taken, in a sentence; null: it can. */
  problem?: string | null;
  children: (input: FieldInput) => ReactNode;
}

/** A labelled input of a form, with its help or what is wrong with it below. */
export function Field({ label, help, problem = null, children }: FieldProps): ReactNode {
  const id = useId();
  const helpId = useId();
  return (
    <div className={classes['field']}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': helpId, 'aria-invalid': problem !== null })}
      <p id={helpId} className={classes['help']} data-wrong={problem !== null} aria-live="polite">
        {problem ?? help}
      </p>
    </div>
  );
}
