import { useEffect, useState, type ReactNode } from 'react';
import type { ProfileInput, ProfileTrial } from '../../src-main/contract/profiles.ts';
import { Field } from '../ui/field.tsx';
import { useLiveValue } from '../ui/live-value.ts';
import { createLongWork } from '../ui/long-work.ts';
import { Refusal } from '../ui/refusal.tsx';
import { Choice } from './choice.tsx';
import { PartList } from './part-list.tsx';
import { readProfile, type KeptProfile, type ProfileEntry, type TextField } from './profile-entry.ts';
import type { TrustEntry } from './trust-entry.ts';
import { TrustFields } from './trust-fields.tsx';
import classes from './connect-form.module.css';

type Attempt = (input: ProfileInput, options: { signal: AbortSignal }) => Promise<AsyncIterable<ProfileTrial>>;

export interface ConnectFormProps {
  /** What stands in the fields at first. */
  first: ProfileEntry;
  /** What is changed; null: a new connection. */
  kept: KeptProfile | null;
  test: Attempt;
  connect: Attempt;
  onConnected: () => void;
  onClose: () => void;
}

const KINDS: readonly (readonly [ProfileInput['kind'], string])[] = [
  ['production', 'Production'],
  ['staging', 'Staging'],
  ['local', 'Local'],
];
const COLOURS: readonly (readonly [ProfileInput['colour'], string])[] = [
  ['royalblue', 'Blue'],
  ['darkviolet', 'Violet'],
  ['deeppink', 'Pink'],
  ['darkorange', 'Orange'],
  ['slategray', 'Grey'],
  ['teal', 'Teal'],
];
const DATABASE_MODES = ['verify', 'verify_ca', 'encrypt', 'none'] as const;
const GATEWAY_MODES = ['verify', 'verify_ca', 'encrypt'] as const;

/** Where the platform is and with what; each part is tried before anything is kept. */
export function ConnectForm({ first, kept, test, connect, onConnected, onClose }: ConnectFormProps): ReactNode {
  const [entry, setEntry] = useState(first);
  const [tried, setTried] = useState(false);
  const [trial] = useState(() => createLongWork<ProfileTrial>());
  // What was said of the fields as they stand now; null: nothing yet.
  const [told, setTold] = useState(false);
  const state = useLiveValue(trial.state);
  useEffect(() => () => trial.cancel(), [trial]);
  const busy = state.kind === 'running';
  const read = readProfile(entry, kept);
  const connectedId = state.kind === 'done' ? state.result.id : null;
  useEffect(() => {
    if (connectedId !== null) onConnected();
  }, [connectedId, onConnected]);

  function change(part: Partial<ProfileEntry>): void {
    setTold(false);
    setEntry((before) => ({ ...before, ...part }));
  }
  function field(name: TextField) {
    return {
      value: entry[name],
      disabled: busy,
      autoComplete: 'off',
      spellCheck: false,
      onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => change({ [name]: value }),
    };
  }
  function secret(name: 'password' | 'token', keptWords: string) {
    return {
      ...field(name),
      type: 'password',
      autoComplete: 'new-password',
      ...(kept === null ? {} : { placeholder: keptWords }),
    };
  }
  function trust(name: 'databaseTrust' | 'gatewayTrust') {
    return {
      entry: entry[name],
      disabled: busy,
      tried,
      keyKept: kept !== null && first[name].certificate !== '',
      onChange: (part: Partial<TrustEntry>) => change({ [name]: { ...entry[name], ...part } }),
    };
  }
  const problem = (name: TextField): string | null => (tried && !read.ok ? (read.problems[name] ?? null) : null);
  function send(attempt: Attempt): void {
    setTried(true);
    setTold(read.ok);
    if (read.ok) trial.start((options) => attempt(read.input, options));
  }
  const parts =
    state.kind === 'running' ? state.progress?.parts : state.kind === 'done' ? state.result.parts : undefined;

  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) send(connect);
      }}
    >
      <Field label="Name" problem={problem('name')}>
        {(input) => (
          <input
            {...input}
            {...field('name')}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the first thing to enter
            autoFocus
            placeholder="Production"
          />
        )}
      </Field>
      <div className={classes['pair']}>
        <Choice label="Kind" options={KINDS} {...field('kind')} />
        <Choice label="Colour" options={COLOURS} {...field('colour')} />
      </div>
      <fieldset className={classes['group']}>
        <legend>Database</legend>
        <div className={classes['pair']}>
          <Field label="Host" problem={problem('host')}>
            {(input) => <input {...input} {...field('host')} placeholder="db.example.com" />}
          </Field>
          <Field label="Port" problem={problem('port')}>
            {(input) => <input {...input} {...field('port')} inputMode="numeric" />}
          </Field>
        </div>
        <div className={classes['pair']}>
          <Field label="Login" help="An operator’s own, never a superuser’s." problem={problem('login')}>
            {(input) => <input {...input} {...field('login')} />}
          </Field>
          <Field label="Password" problem={problem('password')}>
            {(input) => <input {...input} {...secret('password', 'kept in the vault')} />}
          </Field>
        </div>
        <Field label="Database name" problem={problem('database')}>
          {(input) => <input {...input} {...field('database')} />}
        </Field>
        <TrustFields {...trust('databaseTrust')} modes={DATABASE_MODES} />
        <details className={classes['more']} open={first.directHost !== '' || undefined}>
          <summary>The host is a pooler (PgBouncer)</summary>
          <p className={classes['note']}>
            News of changes does not come through a pooler in transaction mode. Enter PostgreSQL’s own address for it;
            all else goes through the pooler, with the same login and the same certificates.
          </p>
          <div className={classes['pair']}>
            <Field label="Direct address" problem={problem('directHost')}>
              {(input) => <input {...input} {...field('directHost')} placeholder="pg-1.example.com" />}
            </Field>
            <Field label="Direct port" problem={problem('directPort')}>
              {(input) => <input {...input} {...field('directPort')} inputMode="numeric" />}
            </Field>
          </div>
        </details>
      </fieldset>
      <fieldset className={classes['group']}>
        <legend>Gateway</legend>
        <div className={classes['pair']}>
          <Field label="Address" problem={problem('gateway')}>
            {(input) => <input {...input} {...field('gateway')} placeholder="https://gateway.example.com" />}
          </Field>
          <Field label="Token" help="Your own, tdo_…" problem={problem('token')}>
            {(input) => <input {...input} {...secret('token', `kept in the vault, …${kept?.tokenLast4}`)} />}
          </Field>
        </div>
        <TrustFields {...trust('gatewayTrust')} modes={GATEWAY_MODES} />
      </fieldset>
      <div className={classes['end']}>
        <div className={classes['told']} aria-live="polite">
          {tried && !read.ok ? <p className={classes['busy']}>Something above is missing.</p> : null}
          {told && state.kind === 'failed' ? <Refusal sentence={state.reason} /> : null}
          {told && parts !== undefined && parts.length > 0 ? <PartList parts={parts} /> : null}
          {told && state.kind === 'cancelled' ? <p className={classes['busy']}>Stopped; nothing was kept.</p> : null}
        </div>
        <div className={classes['buttons']}>
          {busy ? (
            <button type="button" className="td-button" onClick={() => trial.cancel()}>
              Stop
            </button>
          ) : (
            <button type="button" className="td-button" onClick={onClose}>
              Cancel
            </button>
          )}
          <button type="button" className="td-button" aria-disabled={busy} onClick={() => send(test)}>
            Test
          </button>
          <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy}>
            {busy ? 'Trying…' : kept === null ? 'Connect' : 'Save'}
          </button>
        </div>
      </div>
    </form>
  );
}
