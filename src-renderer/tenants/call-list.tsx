import type { ReactNode } from 'react';
import type { TenantCall } from '../../src-main/contract/tenants.ts';
import { Money } from '../ui/figure.tsx';
import { formatExactly, formatMoment } from '../ui/format-instant.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { ShowMore } from './show-more.tsx';
import classes from './activity.module.css';

const counts = new Intl.NumberFormat('en-US');

const OUTCOMES: Readonly<Record<string, string>> = {
  ok: 'ok',
  provider_error: 'provider said no',
  client_closed: 'client left',
  interrupted: 'broke off',
  unknown: 'end unknown',
};

const KINDS: Readonly<Record<TenantCall['kind'], string | null>> = {
  charge: null,
  estimate: 'estimate',
  correction: 'correction',
};

/** The newest rows of the ledger: when, what for, how much. */
export function CallList({ calls, timeZone }: { calls: readonly TenantCall[]; timeZone: string }): ReactNode {
  if (calls.length === 0) return <p className={classes['quiet']}>No call on record.</p>;
  return (
    <ShowMore items={calls} first={8} what="calls">
      {(shown) => (
        <ol className={classes['list']}>
          {shown.map((call) => (
            <CallLine key={`${call.requestId} ${call.attempt} ${call.kind}`} call={call} timeZone={timeZone} />
          ))}
        </ol>
      )}
    </ShowMore>
  );
}

function CallLine({ call, timeZone }: { call: TenantCall; timeZone: string }): ReactNode {
  const { requestId, attempt, at, workflowName, model, costNanoUsd, outcome, latencyMs, kind } = call;
  const failed = outcome !== 'ok' && outcome !== 'client_closed';
  return (
    <li className={classes['line']}>
      <time dateTime={formatExactly(at)} title={`${formatExactly(at)}, request ${requestId}`}>
        {formatMoment(at, timeZone)}
      </time>
      <span className={classes['what']}>
        {workflowName ?? 'no workflow'}
        <small>
          {model} · {counts.format(call.inputTokens)} → {counts.format(call.outputTokens)} tokens
          {call.cachedInputTokens > 0n ? `, ${counts.format(call.cachedInputTokens)} cached` : ''}
          {attempt > 1 ? ` · attempt ${attempt}` : ''}
          {KINDS[kind] === null ? '' : ` · ${KINDS[kind]}`}
        </small>
      </span>
      <span className={classes['cost']}>
        <Money nanoUsd={costNanoUsd} missing="cost is unknown" />
        <small data-failed={failed}>
          {latencyMs === null ? '' : `${latencyText(latencyMs)} · `}
          {failed ? <StateMark shape="triangle" tone="warn" /> : null}
          {OUTCOMES[outcome] ?? outcome.replaceAll('_', ' ')}
        </small>
      </span>
    </li>
  );
}

function latencyText(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
