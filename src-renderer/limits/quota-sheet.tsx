import { useQuery } from '@tanstack/react-query';
import { useCallback, useId, useState, type ReactNode } from 'react';
import type { Quota, SetQuotaInput } from '../../src-main/contract/limits.ts';
import { Field } from '../ui/field.tsx';
import { formatSince } from '../ui/format-instant.ts';
import { RefusalNote } from '../ui/refusal-note.tsx';
import { SkeletonRows, UnreadPanel } from '../ui/state-panel.tsx';
import { useSubmitter } from '../ui/submission.ts';
import type { LimitPermission } from './limit-permission.ts';
import { countText, parseCount, QUOTA_NAMES, resetWords, standingWords } from './quota-words.ts';
import { quotasQuery, type LimitCalls } from './limits-queries.ts';
import { UndoQuota, type QuotaChange } from './undo-quota.tsx';
import { StillGauge } from './still-gauge.tsx';
import classes from './limits.module.css';

export interface QuotaSheetProps {
  tenantId: string;
  clientName: string;
  timeZone: string;
  calls: LimitCalls;
  newKey: () => string;
  permission: LimitPermission;
  onChanged: () => void;
}

/** What a client may use besides money: one gauge each, and the way to set it. */
export function QuotaSheet(props: QuotaSheetProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(quotasQuery(calls, tenantId));
  const [open, setOpen] = useState<string | null>(null);
  const [last, setLast] = useState<QuotaChange | null>(null);
  const forgetLast = useCallback(() => setLast(null), []);
  const reasonId = useId();
  return (
    <section className={classes['section']} aria-label={`Quotas of ${clientName}`}>
      <header className={classes['head']}>
        <h3>Quotas</h3>
        {query.data ? (
          <small className={classes['quiet']}>from the ledger, {formatSince(query.data.asOf)}</small>
        ) : null}
      </header>
      {permission.quotas === null ? null : (
        <p id={reasonId} className={classes['quiet']}>
          {permission.quotas}
        </p>
      )}
      {query.data ? (
        <ul className={classes['list']}>
          {query.data.quotas.map((quota) => (
            <QuotaLine
              key={`${quota.quota} ${quota.version}`}
              {...props}
              quota={quota}
              opened={open === quota.quota}
              onOpen={(wanted) => setOpen(wanted ? quota.quota : null)}
              reasonId={reasonId}
              last={last?.quota === quota.quota && last.version === quota.version ? last : null}
              onSet={setLast}
              onUndone={forgetLast}
            />
          ))}
        </ul>
      ) : query.isError ? (
        <UnreadPanel title="Quotas can’t be read" query={query} />
      ) : (
        <SkeletonRows rows={5} label="Quotas are on their way" />
      )}
    </section>
  );
}

interface QuotaLineProps extends QuotaSheetProps {
  quota: Quota;
  opened: boolean;
  onOpen: (wanted: boolean) => void;
  reasonId: string;
  /** The change just made here, if the quota is still as it left it. */
  last: QuotaChange | null;
  onSet: (change: QuotaChange) => void;
  onUndone: () => void;
}

function QuotaLine(props: QuotaLineProps): ReactNode {
  const { quota, opened, onOpen, permission, timeZone, clientName, reasonId } = props;
  const name = QUOTA_NAMES[quota.quota];
  return (
    <li className={classes['line']}>
      <span className={classes['what']}>
        <span className={classes['name']}>{name}</span>
        <small>
          {standingWords(quota)}
          {resetWords(quota, timeZone)}
        </small>
      </span>
      <span className={classes['choices']}>
        {props.last === null ? null : <UndoQuota key={props.last.version} {...props} change={props.last} />}
        <button
          type="button"
          className="td-button"
          aria-expanded={opened}
          aria-disabled={permission.quotas !== null}
          aria-describedby={permission.quotas === null ? undefined : reasonId}
          onClick={() => {
            if (permission.quotas === null) onOpen(!opened);
          }}
        >
          Set…
          <span className="td-unseen">
            {' '}
            {name} of {clientName}
          </span>
        </button>
      </span>
      {quota.limit === null || quota.used === null ? null : (
        <span className={classes['gauge']}>
          <StillGauge label={`Used of ${name} of ${clientName}`} used={quota.used} limit={quota.limit} ticks={[]} />
        </span>
      )}
      {opened ? <QuotaForm {...props} onClose={() => onOpen(false)} /> : null}
    </li>
  );
}

function QuotaForm(props: QuotaLineProps & { onClose: () => void }): ReactNode {
  const { tenantId, quota, calls, newKey, onChanged, onClose, onSet } = props;
  const [text, setText] = useState('');
  const [tried, setTried] = useState(false);
  const { state, submit, again } = useSubmitter({
    newKey,
    send: (input: Omit<SetQuotaInput, 'idempotencyKey'>, idempotencyKey) =>
      calls.setQuota({ ...input, idempotencyKey }),
    onDone: ({ version }) => {
      const { follows, limit } = quota;
      onSet({ quota: quota.quota, version, back: follows === 'plan' ? { follows } : { follows, limit } });
      onChanged();
      onClose();
    },
  });
  const count = parseCount(text, quota.quota);
  const busy = state.state === 'pending' || state.state === 'unanswered';
  const about = { tenantId, quota: quota.quota, expectedVersion: quota.version };
  return (
    <form
      className={classes['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (count.ok) submit({ ...about, setting: { follows: 'own', limit: count.count } });
      }}
    >
      <Field
        label={`${QUOTA_NAMES[quota.quota]}, at most`}
        help={quota.planLimit === null ? 'The plan sets none.' : `The plan sets ${countText(quota.planLimit)}.`}
        problem={tried && !count.ok ? count.sentence : null}
      >
        {(input) => (
          <input
            {...input}
            type="text"
            inputMode="numeric"
            autoComplete="off"
            readOnly={busy}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <RefusalNote submission={state} harmless="can’t set it twice" onAgain={again} />
      <span className={classes['choices']}>
        <button type="submit" className="td-button" data-weight="strong" aria-disabled={busy}>
          Set quota
        </button>
        {quota.limit === null || quota.quota === 'max_tokens_per_message' ? null : (
          <button
            type="button"
            className="td-button"
            aria-disabled={busy}
            onClick={() => submit({ ...about, setting: { follows: 'own', limit: null } })}
          >
            No limit
          </button>
        )}
        {quota.follows === 'plan' ? null : (
          <button
            type="button"
            className="td-button"
            aria-disabled={busy}
            onClick={() => submit({ ...about, setting: { follows: 'plan' } })}
          >
            As the plan
          </button>
        )}
        <button type="button" className="td-button" onClick={onClose}>
          Cancel
        </button>
      </span>
    </form>
  );
}
