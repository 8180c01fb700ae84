import { useState, type ReactNode } from 'react';
import type { ProfileSummary } from '../../src-main/contract/profiles.ts';
import { useAsking } from '../ui/asking.ts';
import { Refusal } from '../ui/refusal.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import classes from './connection-list.module.css';

export interface ConnectionListProps {
  profiles: readonly ProfileSummary[];
  currentId: string | null;
  onEdit: (profile: ProfileSummary) => Promise<unknown>;
  /** Answers where the file lies. */
  onExport: (profile: ProfileSummary) => Promise<{ path: string }>;
  onForget: (profile: ProfileSummary) => void;
  onImport: (text: string) => Promise<unknown>;
  onNew: () => void;
  onClose: () => void;
}

/** In bytes: certificates in it are the longest. */
const MOST = 1_000_000;

/** What the vault keeps, to be changed, handed on and forgotten. */
export function ConnectionList(props: ConnectionListProps): ReactNode {
  const { profiles, currentId, onEdit, onExport, onForget, onImport, onNew, onClose } = props;
  const { busy, refusal, ask } = useAsking();
  const [saved, setSaved] = useState<string | null>(null);
  const own = profiles.filter(({ id }) => id !== 'local');

  async function take(file: File): Promise<unknown> {
    return onImport(file.size > MOST ? '' : await file.text());
  }

  return (
    <>
      {own.length === 0 ? (
        <p className={classes['none']}>There is none besides the local platform yet.</p>
      ) : (
        <ul className={classes['list']} aria-label="Connections">
          {own.map((profile) => (
            <li key={profile.id}>
              <i className={classes['colour']} style={{ background: profile.colour }} />
              <div className={classes['about']}>
                <b>
                  <bdi>{profile.name}</bdi>
                </b>{' '}
                <small>
                  {profile.kind}
                  {profile.id === currentId ? ', open now' : ''}
                </small>
                <span>
                  {profile.label}, token …{profile.tokenLast4}
                </span>
                {profile.weakness === null ? null : (
                  <span className={classes['weak']}>
                    <StateMark shape="triangle" tone="warn" />
                    {profile.weakness}
                  </span>
                )}
              </div>
              <div className={classes['actions']}>
                <button
                  type="button"
                  className="td-button"
                  aria-label={`Change ${profile.name}`}
                  onClick={() => ask(() => onEdit(profile))}
                >
                  Change
                </button>
                <button
                  type="button"
                  className="td-button"
                  aria-label={`Save ${profile.name} as file`}
                  onClick={() =>
                    ask(
                      () => onExport(profile),
                      ({ path }) => setSaved(path),
                    )
                  }
                >
                  Save as file
                </button>
                <button
                  type="button"
                  className="td-button"
                  aria-label={`Forget ${profile.name}`}
                  onClick={() => onForget(profile)}
                >
                  Forget…
                </button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <Refusal sentence={refusal} />
      {saved === null ? null : (
        <output className={classes['saved']}>
          Saved without password, token and key: <code>{saved}</code>
        </output>
      )}
      <div className={classes['end']}>
        <label className={classes['file']}>
          <span className="td-button">From a file…</span>
          <input
            type="file"
            accept=".json,application/json"
            aria-label="Connection from a file"
            disabled={busy}
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              currentTarget.value = '';
              if (file) ask(() => take(file));
            }}
          />
        </label>
        <button type="button" className="td-button" onClick={onNew}>
          Connect another…
        </button>
        <button type="button" className="td-button" data-weight="strong" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
