import type { InputHTMLAttributes, ReactNode } from 'react';
import { Field, type FieldProps } from './field.tsx';

export interface TextFieldProps
  extends
    Omit<FieldProps, 'children'>,
    Pick<
      InputHTMLAttributes<HTMLInputElement>,
      'autoFocus' | 'dir' | 'inputMode' | 'list' | 'maxLength' | 'readOnly' | 'spellCheck'
    > {
  value: string;
  onText: (text: string) => void;
}

/** A line of text in a form. */
export function TextField({ label, help, problem, onText, ...input }: TextFieldProps): ReactNode {
  return (
    <Field label={label} help={help} problem={problem}>
      {(described) => (
        <input
          {...described}
          {...input}
          type="text"
          autoComplete="off"
          onChange={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
