import type { ReactNode } from 'react';
import { Field } from '../ui/field.tsx';

export interface ChoiceProps {
  label: string;
  options: readonly (readonly [value: string, words: string])[];
  value: string;
  disabled: boolean;
  onChange: (event: { currentTarget: { value: string } }) => void;
}

/** One of a few, in a labelled list. */
export function Choice({ label, options, value, disabled, onChange }: ChoiceProps): ReactNode {
  return (
    <Field label={label}>
      {(input) => (
        <select {...input} value={value} disabled={disabled} onChange={onChange}>
          {options.map(([option, words]) => (
            <option key={option} value={option}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
