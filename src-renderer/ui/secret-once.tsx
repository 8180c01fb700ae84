import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';
import { StateMark } from './state-mark.tsx';
import classes from './secret-once.module.css';

export interface SecretOnceProps {
  /** What the secret is of. */
  label: string;
  secret: string;
  children?: ReactNode;
  onClose: () => void;
}

/** A secret, the only time it can be seen: to be copied, then gone. */
export function SecretOnce({ label, secret, children, onClose }: SecretOnceProps): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no');

  async function copy(): Promise<void> {
    field.current?.select();
    setCopied((await copyText(secret)) ? 'yes' : 'failed');
  }

  return (
    <div className={classes['secret']}>
      <p className={classes['once']}>
        <StateMark shape="triangle" tone="warn" />
        <span>
          Shown once. Copy it now and keep it where the client’s workflows read it: nobody can see it again, here or in
          the database.
        </span>
      </p>
      <div className={classes['line']}>
        <input
          ref={field}
          readOnly
          spellCheck={false}
          autoComplete="off"
          aria-label={label}
          value={secret}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button
          type="button"
          className="td-button"
          data-weight="strong"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- it takes the place of the form that was sent
          autoFocus
          onClick={() => void copy()}
        >
          {copied === 'yes' ? <IconCheck size={14} aria-hidden="true" /> : <IconCopy size={14} aria-hidden="true" />}
          {copied === 'yes' ? 'Copied' : 'Copy'}
        </button>
      </div>
      <output className={classes['said']}>
        {copied === 'yes' ? 'It is in the clipboard.' : null}
        {copied === 'failed' ? 'It could not be copied from here: it is selected, press Ctrl C.' : null}
      </output>
      {children}
      <div className={classes['end']}>
        <button type="button" className="td-button" onClick={onClose}>
          {copied === 'no' ? 'Close without copying' : 'Done'}
        </button>
      </div>
    </div>
  );
}

/** By the clipboard's own interface, else by what is selected: a shell may refuse pages the first. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // oxlint-disable-next-line no-deprecated -- the one way without a permission
    return document.execCommand('copy');
  }
}
