import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RefusalExplanation, RefusalScope } from '../../src-main/contract/tenants.ts';
import { formatInZone } from '../ui/format-instant.ts';
import { formatUsd, formatUsdExactly } from '../ui/format-usd.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { refusalWords, scopeName } from './refusal-words.ts';
import { refusalQuery, type FetchExplanation } from './tenants-queries.ts';
import classes from './activity.module.css';

export interface RefusalDetailsProps {
  tenantId: string;
  requestId: string;
  timeZone: string;
  fetchExplanation: FetchExplanation;
  remedies: (scope: RefusalScope, capName: string) => ReactNode;
}

/** Why one request was refused: the rule, every cap it had to pass as it stood then, and what would let it pass. */
export function RefusalDetails({
  tenantId,
  requestId,
  timeZone,
  fetchExplanation,
  remedies,
}: RefusalDetailsProps): ReactNode {
  const { data, isError, error, refetch } = useQuery(refusalQuery(fetchExplanation, tenantId, requestId));
  if (!data) {
    return isError ? (
      <p role="alert">
        {error.message}{' '}
        <button type="button" className="td-link" onClick={() => void refetch()}>
          Read again
        </button>
      </p>
    ) : (
      <output className={classes['quiet']}>Reading what was recorded…</output>
    );
  }
  const { rule, remedy } = refusalWords(data, timeZone);
  return (
    <>
      <p>{rule}</p>
      {data.scopes.length === 0 ? null : (
        <ul className={classes['scopes']} aria-label="Every cap of the call, as it stood then">
          {scopesAndGaps(data).map((scope) =>
            'missing' in scope ? (
              <li key={scope.missing}>
                <StateMark shape="circle" tone="calm" />
                <b>{scope.missing}</b>
                <span>no cap</span>
              </li>
            ) : (
              <Scope key={scope.capId} scope={scope} explained={data} timeZone={timeZone} />
            ),
          )}
        </ul>
      )}
      <p className={classes['remedy']}>
        {data.passesNow === true ? <StateMark shape="circle" tone="calm" /> : null}
        {remedy}
      </p>
      {data.scopes
        .filter(({ now, refused }) => now !== null && (now.raiseToNanoUsd !== null || (refused && !data.passesNow)))
        .map((scope) => (
          <div key={scope.capId}>{remedies(scope, scopeName(scope, data))}</div>
        ))}
      <p className={classes['quiet']}>
        {data.keyLabel === null ? '' : `key ${data.keyLabel} · `}answer {data.httpStatus} {data.type} · request{' '}
        <code>{requestId}</code>
      </p>
    </>
  );
}

function Scope({
  scope,
  explained,
  timeZone,
}: {
  scope: RefusalScope;
  explained: RefusalExplanation;
  timeZone: string;
}): ReactNode {
  const { limitNanoUsd, committedNanoUsd, heldNanoUsd, idleNanoUsd, refused, hard, periodStart, periodEnd } = scope;
  const parts = [
    `committed ${formatUsd(committedNanoUsd)}`,
    `held ${formatUsd(heldNanoUsd)}`,
    ...(idleNanoUsd > 0n ? [`granted to gateways and idle ${formatUsd(idleNanoUsd)}`] : []),
    ...(hard ? [] : ['only counts, never refuses']),
  ];
  return (
    <li data-refused={refused}>
      <StateMark shape={refused ? 'square' : 'circle'} tone={refused ? 'alarm' : 'calm'} />
      <b>
        {scopeName(scope, explained)}
        {refused ? <span className={classes['fired']}> · refused here</span> : null}
      </b>
      <span title={`${formatUsdExactly(committedNanoUsd)} of ${formatUsdExactly(limitNanoUsd)}`}>
        {shareOf(committedNanoUsd + heldNanoUsd, limitNanoUsd)}
        {formatUsd(limitNanoUsd)}
      </span>
      <small>
        {parts.join(' · ')}
        <br />
        {formatInZone(periodStart, timeZone)} – resets {formatInZone(periodEnd, timeZone)}
      </small>
    </li>
  );
}

function shareOf(used: bigint, limit: bigint): string {
  return limit === 0n ? '' : `${(used * 100n) / limit} % of `;
}

/** The caps there were, and a word for each that there was none of. */
function scopesAndGaps(explained: RefusalExplanation): (RefusalScope | { missing: string })[] {
  const { scopes, workflowName } = explained;
  const has = (scope: RefusalScope['scope'], period?: RefusalScope['period']): boolean =>
    scopes.some((each) => each.scope === scope && (period === undefined || each.period === period));
  const gaps = [
    ...(has('tenant', 'month') ? [] : ['monthly cap']),
    ...(has('tenant', 'day') ? [] : ['daily cap']),
    ...(has('key') ? [] : ['key']),
    ...(has('workflow') || workflowName === null ? [] : [`workflow ${workflowName}`]),
  ];
  return [...scopes, ...gaps.map((missing) => ({ missing }))];
}
