import { Modal, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { IssuedKey } from '../../src-main/contract/keys.ts';
import type { CreateTenantInput, TenantChoices } from '../../src-main/contract/tenants.ts';
import { Field } from '../ui/field.tsx';
import { RefusalNote } from '../ui/refusal-note.tsx';
import { SecretOnce } from '../ui/secret-once.tsx';
import { SkeletonRows, UnreadPanel } from '../ui/state-panel.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import { readClient, slugOf, usualCap, usualEntry, type ClientEntry } from './client-entry.ts';
import { choicesQuery, type FetchChoices } from './tenants-queries.ts';
import classes from './new-client-dialog.module.css';

export interface NewClientDialogProps {
  fetchChoices: FetchChoices;
  create: (input: CreateTenantInput) => Promise<IssuedKey>;
  newKey: () => string;
  /** The clients there are, as far as the window knows. */
  rows: () => Iterable<BoardRow>;
  onCreated: (tenantId: string) => void;
  onClose: () => void;
}

type NewClient = Omit<CreateTenantInput, 'idempotencyKey'>;

const TITLE = 'New client';

/** A client in a minute: what most clients have stands there already. Then its key's secret, once. */
export function NewClientDialog(props: NewClientDialogProps): ReactNode {
  const { fetchChoices, create, newKey, rows, onCreated, onClose } = props;
  const choices = useQuery(choicesQuery(fetchChoices));
  const [name, setName] = useState('');
  const submitter = useSubmitter({
    newKey,
    send: (input: NewClient, idempotencyKey) => create({ ...input, idempotencyKey }),
    onDone: ({ tenantId }) => onCreated(tenantId),
  });
  const { state } = submitter;
  const made = state.state === 'done' ? state.result : null;

  return (
    <Modal
      opened
      onClose={onClose}
      // Nothing typed, and no secret, is lost by a click beside it.
      closeOnClickOutside={false}
      closeOnEscape={state.state === 'open' || state.state === 'refused'}
      withCloseButton={false}
      size={560}
      attributes={{ content: { 'aria-label': TITLE } }}
    >
      {made === null ? <h2 className={classes['title']}>{TITLE}</h2> : null}
      {made !== null ? (
        <>
          <h2 className={classes['title']}>
            <bdi>{name}</bdi> is ready
          </h2>
          <SecretOnce label={`Secret of the first key of ${name}`} secret={made.secret} onClose={onClose}>
            <p className={classes['note']}>
              The gateway accepts calls with it from now on. The first one moves the client’s gauge on the board.
            </p>
          </SecretOnce>
        </>
      ) : choices.data ? (
        <ClientForm
          choices={choices.data}
          rows={rows}
          busy={submitter.busy}
          pending={state.state === 'pending'}
          outcome={<RefusalNote submission={state} harmless="can’t make the client twice" onAgain={submitter.again} />}
          onSubmit={(client) => {
            setName(client.name);
            submitter.submit(client);
          }}
          onClose={onClose}
        />
      ) : choices.isError ? (
        <UnreadPanel title="Plans and time zones can’t be read" query={choices} />
      ) : (
        <SkeletonRows rows={5} label="Plans and time zones are on their way" />
      )}
    </Modal>
  );
}

interface ClientFormProps {
  choices: TenantChoices;
  rows: () => Iterable<BoardRow>;
  busy: boolean;
  pending: boolean;
  outcome: ReactNode;
  onSubmit: (client: NewClient) => void;
  onClose: () => void;
}

function ClientForm({ choices, rows, busy, pending, outcome, onSubmit, onClose }: ClientFormProps): ReactNode {
  const [entry, setEntry] = useState(() =>
    usualEntry(rows(), choices, Intl.DateTimeFormat().resolvedOptions().timeZone),
  );
  const [ownSlug, setOwnSlug] = useState(false);
  const [ownCap, setOwnCap] = useState(false);
  const [tried, setTried] = useState(false);
  const [currencies] = useState(() => choices.currencies.map(currencyChoice));
  const read = readClient(entry, choices, rows());
  const problem = (field: keyof ClientEntry): string | null =>
    tried && !read.ok ? (read.problems[field] ?? null) : null;
  const plan = choices.plans.find(({ id }) => id === entry.plan);

  function change(part: Partial<ClientEntry>): void {
    setEntry((before) => ({ ...before, ...part }));
  }

  function text(field: keyof ClientEntry, onText: (value: string) => void = (value) => change({ [field]: value })) {
    return {
      problem: problem(field),
      readOnly: busy,
      value: entry[field],
      onText,
    };
  }

  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (read.ok) onSubmit(read.client);
      }}
    >
      <div className={classes['wide']}>
        <TextField
          label="Name"
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog's own looks for one before the choices are here
          autoFocus
          dir="auto"
          {...text('name', (name) => change({ name, ...(ownSlug ? {} : { slug: slugOf(name) }) }))}
        />
      </div>
      <TextField
        label="Slug"
        help="For addresses and files; it stays."
        spellCheck={false}
        {...text('slug', (slug) => {
          setOwnSlug(slug !== '');
          change({ slug });
        })}
      />
      <Field
        label="Plan"
        help={plan && `Answers of at most ${plan.maxTokensPerMessage.toLocaleString('en-US')} tokens.`}
        problem={problem('plan')}
      >
        {(input) => (
          <select
            {...input}
            value={entry.plan}
            disabled={busy}
            onChange={({ currentTarget: { value } }) =>
              change({ plan: value, ...(ownCap ? {} : { capUsd: usualCap(choices, value) }) })
            }
          >
            {choices.plans.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Currency" help="Of its contract and invoices." problem={problem('currency')}>
        {(input) => (
          <Select
            {...input}
            {...LIST}
            data={currencies}
            value={entry.currency}
            readOnly={busy}
            onChange={(value) => change({ currency: value ?? '' })}
          />
        )}
      </Field>
      <Field label="Time zone" help="Its days and months begin at midnight there." problem={problem('timeZone')}>
        {(input) => (
          <Select
            {...input}
            {...LIST}
            data={choices.timeZones}
            value={entry.timeZone}
            readOnly={busy}
            onChange={(value) => change({ timeZone: value ?? '' })}
          />
        )}
      </Field>
      <TextField
        label="Monthly cap, USD"
        help="Above it the gateway refuses."
        inputMode="decimal"
        {...text('capUsd', (capUsd) => {
          setOwnCap(true);
          change({ capUsd });
        })}
      />
      <TextField label="Thresholds, % of the cap" help="Ticks on its gauge." {...text('thresholds')} />
      <TextField label="Name of its first key" help="What will use it." dir="auto" {...text('keyName')} />
      <div className={classes['wide']}>{outcome}</div>
      <div className={classes['end']}>
        <button type="button" className="td-button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy}>
          {pending ? 'Creating…' : 'Create client'}
        </button>
      </div>
    </form>
  );
}

const LIST = {
  searchable: true,
  limit: 60,
  allowDeselect: false,
  nothingFoundMessage: 'Nothing has that name',
  comboboxProps: { withinPortal: true, shadow: 'md', transitionProps: { duration: 0 } },
  maxDropdownHeight: 240,
} as const;

/** "INR · Indian Rupee": found by either. */
function currencyChoice(code: string): { value: string; label: string } {
  const name = new Intl.DisplayNames('en', { type: 'currency' }).of(code);
  return { value: code, label: name === undefined || name === code ? code : `${code} · ${name}` };
}
