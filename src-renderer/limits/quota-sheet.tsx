import { useQuery } from '@tanstack/react-query';
import { useCallback, useId, useState, type ReactNode } from 'react';
import type { Quota, SetQuotaInput } from '../../src-main/contract/limits.ts';
import { ChangeForm } from '../ui/change-form.tsx';
import { formatSince } from '../ui/format-instant.ts';
import { OpenButton, type Forbidding } from '../ui/open-button.tsx';
import { PanelSection } from '../ui/panel-section.tsx';
import { useSubmitter } from '../ui/submission.ts';
import { TextField } from '../ui/text-field.tsx';
import { WhenRead } from '../ui/when-read.tsx';
import panel from '../ui/panel-section.module.css';
import type { LimitSheetProps } from './limit-sheet.ts';
import { countText, parseCount, QUOTA_NAMES, resetWords, standingWords } from './quota-words.ts';
import { quotasQuery } from './limits-queries.ts';
import { UndoQuota, type QuotaChange } from './undo-quota.tsx';
import { StillGauge } from './still-gauge.tsx';
import classes from './limits.module.css';

export interface QuotaSheetProps extends LimitSheetProps {
  timeZone: string;
}

/** What a client may use besides money: one gauge each, and the way to set it. */
export function QuotaSheet(props: QuotaSheetProps): ReactNode {
  const { tenantId, clientName, calls, permission } = props;
  const query = useQuery(quotasQuery(calls, tenantId));
  const [open, setOpen] = useState<string | null>(null);
  const [last, setLast] = useState<QuotaChange | null>(null);
  const forgetLast = useCallback(() => setLast(null), []);
  const forbidding = { forbidden: permission.quotas, reasonId: useId() };
  return (
    <PanelSection
      label={`Quotas of ${clientName}`}
      title="Quotas"
      {...forbidding}
      aside={
        query.data ? <small className={panel['quiet']}>from the ledger, {formatSince(query.data.asOf)}</small> : null
      }
    >
      <WhenRead query={query} coming="Quotas are on their way" rows={5} unread="Quotas can’t be read">
        {({ quotas }) => (
          <ul className={panel['list']}>
            {quotas.map((quota) => (
              <QuotaLine
                key={quota.quota}
                {...props}
                {...forbidding}
                quota={quota}
                opened={open === quota.quota}
                onOpen={(wanted) => setOpen(wanted ? quota.quota : null)}
                last={last?.quota === quota.quota && last.version === quota.version ? last : null}
                onSet={setLast}
                onUndone={forgetLast}
              />
            ))}
          </ul>
        )}
      </WhenRead>
    </PanelSection>
  );
}

interface QuotaLineProps extends QuotaSheetProps, Forbidding {
  quota: Quota;
  opened: boolean;
  onOpen: (wanted: boolean) => void;
  /** The change just made here, if the quota is still as it left it. */
  last: QuotaChange | null;
  onSet: (change: QuotaChange) => void;
  onUndone: () => void;
}

function QuotaLine(props: QuotaLineProps): ReactNode {
  const { quota, opened, onOpen, forbidden, reasonId, timeZone, clientName } = props;
  const name = QUOTA_NAMES[quota.quota];
  return (
    <li className={classes['line']}>
      <span className={panel['what']}>
        <span className={panel['name']}>{name}</span>
        <small>
          {standingWords(quota)}
          {resetWords(quota, timeZone)}
        </small>
      </span>
      <span className={panel['choices']}>
        {props.last === null ? null : <UndoQuota key={props.last.version} {...props} change={props.last} />}
        <OpenButton opened={opened} onOpen={onOpen} forbidden={forbidden} reasonId={reasonId}>
          Set…
          <span className="td-unseen">
            {' '}
            {name} of {clientName}
          </span>
        </OpenButton>
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
  const { state, busy, submit, again } = useSubmitter({
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
  const about = { tenantId, quota: quota.quota, expectedVersion: quota.version };
  const other = (label: string, setting: SetQuotaInput['setting']): ReactNode => (
    <button type="button" className="td-button" aria-disabled={busy} onClick={() => submit({ ...about, setting })}>
      {label}
    </button>
  );
  return (
    <ChangeForm
      submission={state}
      version={quota.version}
      harmless="can’t set it twice"
      onAgain={again}
      label="Set quota"
      more={
        <>
          {quota.limit === null || quota.quota === 'max_tokens_per_message'
            ? null
            : other('No limit', { follows: 'own', limit: null })}
          {quota.follows === 'plan' ? null : other('As the plan', { follows: 'plan' })}
        </>
      }
      onCancel={onClose}
      onSubmit={() => {
        setTried(true);
        if (count.ok) submit({ ...about, setting: { follows: 'own', limit: count.count } });
      }}
    >
      <TextField
        label={`${QUOTA_NAMES[quota.quota]}, at most`}
        help={quota.planLimit === null ? 'The plan sets none.' : `The plan sets ${countText(quota.planLimit)}.`}
        problem={tried && !count.ok ? count.sentence : null}
        inputMode="numeric"
        readOnly={busy}
        value={text}
        onText={setText}
      />
    </ChangeForm>
  );
}
