import { useState, type ReactNode } from 'react';
import type { TlsMode } from '../../src-main/contract/tls.ts';
import { Field } from '../ui/field.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { PemField } from './pem-field.tsx';
import { trustProblem, WEAKNESS, type TrustEntry } from './trust-entry.ts';
import classes from './trust-fields.module.css';

export interface TrustFieldsProps {
  entry: TrustEntry;
  /** With none: a way that this computer alone can have. */
  modes: readonly TlsMode[];
  disabled: boolean;
  /** The form was sent, so what is missing is said. */
  tried: boolean;
  /** A client key that the vault has. */
  keyKept: boolean;
  onChange: (change: Partial<TrustEntry>) => void;
}

const WORDS: Record<TlsMode, string> = {
  verify: 'Checked: certificate and name',
  verify_ca: 'Weaker: certificate, not the name',
  encrypt: 'Weakest: encrypted, nothing checked',
  none: 'None (this computer only)',
};

/** How a server has to prove itself, and with what we do. */
export function TrustFields({ entry, modes, disabled, tried, keyKept, onChange }: TrustFieldsProps): ReactNode {
  const weakness = WEAKNESS[entry.tls];
  const [shown] = useState(() => [entry.ca, entry.serverName, entry.certificate].some((text) => text !== ''));
  return (
    <div className={classes['trust']}>
      <Field label="Encryption (TLS)" problem={tried ? trustProblem(entry) : null}>
        {(input) => (
          <select
            {...input}
            value={entry.tls}
            disabled={disabled}
            onChange={({ currentTarget: { value } }) => {
              const tls = modes.find((mode) => mode === value);
              if (tls) onChange({ tls, accepted: false });
            }}
          >
            {modes.map((mode) => (
              <option key={mode} value={mode}>
                {WORDS[mode]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {weakness === null ? null : (
        <div className={classes['weak']} role="alert">
          <StateMark shape="triangle" tone="warn" />
          <span>{weakness}</span>
          <label>
            <input
              type="checkbox"
              checked={entry.accepted}
              disabled={disabled}
              onChange={({ currentTarget: { checked } }) => onChange({ accepted: checked })}
            />
            I know, and connect this way all the same
          </label>
        </div>
      )}
      {entry.tls === 'none' ? null : (
        <details className={classes['more']} open={shown || undefined}>
          <summary>Certificates of your own</summary>
          <PemField
            label="Certificate authority"
            help="Yours, in place of the public ones."
            value={entry.ca}
            disabled={disabled}
            onChange={(ca) => onChange({ ca })}
          />
          <Field label="Server name" help="Where the certificate has another name than the host above.">
            {(input) => (
              <input
                {...input}
                autoComplete="off"
                spellCheck={false}
                value={entry.serverName}
                disabled={disabled}
                onChange={({ currentTarget: { value } }) => onChange({ serverName: value })}
              />
            )}
          </Field>
          <PemField
            label="Client certificate"
            help="Where the server wants one."
            value={entry.certificate}
            disabled={disabled}
            onChange={(certificate) => onChange({ certificate })}
          />
          <PemField
            label="Client key"
            help="Kept in the vault like a password."
            secret
            value={entry.key}
            disabled={disabled}
            placeholder={keyKept ? 'kept in the vault' : undefined}
            onChange={(key) => onChange({ key })}
          />
        </details>
      )}
    </div>
  );
}
