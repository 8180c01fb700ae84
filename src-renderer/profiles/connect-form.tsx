import { useState, type ReactNode } from 'react';
import type { ContractOutputs } from '../../src-main/contract/contract.ts';
import type { PartResult, ProfileInput } from '../../src-main/contract/profiles.ts';
import { useAsking } from '../ui/asking.ts';
import { Field } from '../ui/field.tsx';
import { Refusal } from '../ui/refusal.tsx';
import { Choice } from './choice.tsx';
import { PartList } from './part-list.tsx';
import { FIRST_ENTRY, readProfile, type ProfileEntry, type TextField } from './profile-entry.ts';
import type { TrustEntry } from './trust-entry.ts';
import { TrustFields } from './trust-fields.tsx';
import classes from './connect-form.module.css';

export interface ConnectFormProps {
  test: (input: ProfileInput) => Promise<ContractOutputs['profiles']['test']>;
  connect: (input: ProfileInput) => Promise<ContractOutputs['profiles']['connect']>;
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
export function ConnectForm({ test, connect, onConnected, onClose }: ConnectFormProps): ReactNode {
  const [entry, setEntry] = useState<ProfileEntry>(FIRST_ENTRY);
  const [tried, setTried] = useState(false);
  const [parts, setParts] = useState<readonly PartResult[] | null>(null);
  const { busy, refusal, ask } = useAsking();
  const read = readProfile(entry);

  function field(name: TextField) {
    return {
      value: entry[name],
      disabled: busy,
      autoComplete: 'off',
      spellCheck: false,
      onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
        setParts(null);
        setEntry((before) => ({ ...before, [name]: value }));
      },
    };
  }
  function trust(name: 'databaseTrust' | 'gatewayTrust') {
    return {
      entry: entry[name],
      disabled: busy,
      tried,
      keyKept: false,
      onChange: (change: Partial<TrustEntry>) => {
        setParts(null);
        setEntry((before) => ({ ...before, [name]: { ...before[name], ...change } }));
      },
    };
  }
  const problem = (name: TextField): string | null => (tried && !read.ok ? (read.problems[name] ?? null) : null);
  function send<Result extends { parts: readonly PartResult[] }>(
    call: (input: ProfileInput) => Promise<Result>,
    onAnswer?: (result: Result) => void,
  ): void {
    setTried(true);
    setParts(null);
    if (!read.ok) return;
    ask(
      () => call(read.input),
      (result) => {
        setParts(result.parts);
        onAnswer?.(result);
      },
    );
  }

  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send(connect, ({ id }) => {
          if (id !== null) onConnected();
        });
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
            {(input) => <input {...input} {...field('password')} type="password" autoComplete="new-password" />}
          </Field>
        </div>
        <Field label="Database name" problem={problem('database')}>
          {(input) => <input {...input} {...field('database')} />}
        </Field>
        <TrustFields {...trust('databaseTrust')} modes={DATABASE_MODES} />
      </fieldset>
      <fieldset className={classes['group']}>
        <legend>Gateway</legend>
        <div className={classes['pair']}>
          <Field label="Address" problem={problem('gateway')}>
            {(input) => <input {...input} {...field('gateway')} placeholder="https://gateway.example.com" />}
          </Field>
          <Field label="Token" help="Your own, tdo_…" problem={problem('token')}>
            {(input) => <input {...input} {...field('token')} type="password" autoComplete="new-password" />}
          </Field>
        </div>
        <TrustFields {...trust('gatewayTrust')} modes={GATEWAY_MODES} />
      </fieldset>
      <div className={classes['wide']} aria-live="polite">
        {busy ? <p className={classes['busy']}>Trying each part…</p> : null}
        <Refusal sentence={refusal} />
        {parts === null ? null : <PartList parts={parts} />}
      </div>
      <div className={classes['end']}>
        <button type="button" className="td-button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="td-button" aria-disabled={busy} onClick={() => send(test)}>
          Test
        </button>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy}>
          Connect
        </button>
      </div>
    </form>
  );
}
