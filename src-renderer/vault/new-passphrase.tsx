import type { ReactNode } from 'react';
import { Field } from '../ui/field.tsx';

export interface NewPassphraseProps {
  label: string;
  help: string;
  value: string;
  again: string;
  /** What is wrong with each, once that is to be said. */
  problems: { passphrase: string | null; again: string | null } | null;
  busy: boolean;
  onValue: (value: string) => void;
  onAgain: (value: string) => void;
}

/** A passphrase that is chosen, typed twice. */
export function NewPassphrase(props: NewPassphraseProps): ReactNode {
  return (
    <>
      <Field label={props.label} help={props.help} problem={props.problems?.passphrase ?? null}>
        {(input) => (
          <input
            {...input}
            type="password"
            autoComplete="new-password"
            value={props.value}
            readOnly={props.busy}
            onChange={({ currentTarget: { value } }) => props.onValue(value)}
          />
        )}
      </Field>
      <Field label="The same passphrase again" problem={props.problems?.again ?? null}>
        {(input) => (
          <input
            {...input}
            type="password"
            autoComplete="new-password"
            value={props.again}
            readOnly={props.busy}
            onChange={({ currentTarget: { value } }) => props.onAgain(value)}
          />
        )}
      </Field>
    </>
  );
}
