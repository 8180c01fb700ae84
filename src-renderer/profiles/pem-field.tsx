import { useId, useState, type ReactNode } from 'react';
import { Field } from '../ui/field.tsx';
import classes from './pem-field.module.css';

export interface PemFieldProps {
  label: string;
  help?: string;
  /** Dots in place of its letters. */
  secret?: boolean;
  value: string;
  disabled: boolean;
  placeholder?: string;
  onChange: (text: string) => void;
}

/** In bytes; a bundle of all public authorities has as many. */
const MOST = 200_000;

/** A certificate or a key: pasted, or the text of a file that is chosen. */
export function PemField({ label, help, secret, value, disabled, placeholder, onChange }: PemFieldProps): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  const fileId = useId();

  async function take(file: File | undefined): Promise<void> {
    if (!file) return;
    if (file.size > MOST) setProblem(`${file.name} is too long for a certificate.`);
    else {
      setProblem(null);
      onChange(await file.text());
    }
  }

  return (
    <div className={classes['pem']}>
      <Field label={label} help={help} problem={problem}>
        {(input) => (
          <textarea
            {...input}
            className={classes['text']}
            data-secret={secret}
            rows={2}
            spellCheck={false}
            autoComplete="off"
            placeholder={placeholder ?? '-----BEGIN …-----'}
            value={value}
            disabled={disabled}
            onChange={({ currentTarget }) => {
              setProblem(null);
              onChange(currentTarget.value);
            }}
          />
        )}
      </Field>
      <label htmlFor={fileId} className={classes['file']} data-disabled={disabled}>
        From a file…
        <input
          id={fileId}
          type="file"
          aria-label={`${label}: from a file`}
          disabled={disabled}
          onChange={({ currentTarget }) => {
            void take(currentTarget.files?.[0]).catch(() => setProblem('The file could not be read.'));
            currentTarget.value = '';
          }}
        />
      </label>
    </div>
  );
}
