import { useId, type ReactNode } from 'react';
import type { OrphanedGrant } from '../../src-main/contract/grants.ts';
import { formatExactly, formatSince } from '../ui/format-instant.ts';
import { formatUsd, formatUsdExactly } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { GrantReleases } from './grant-releases.ts';
import classes from './orphaned-grants.module.css';

export interface OrphanedGrantsProps {
  grants: readonly OrphanedGrant[];
  releases: GrantReleases;
  /** Why this operator can't release now, in a sentence; null: they can. */
  forbidden: string | null;
  /** Instant of this machine. */
  now: () => Date;
}

/** What silent gateways hold of a client's caps, line by line, each to be released. */
export function OrphanedGrantList({ grants, ...tools }: OrphanedGrantsProps): ReactNode {
  if (grants.length === 0) return null;
  return (
    <ul className={classes['list']} aria-label="Held by gateways that are silent">
      {grants.map((grant) => (
        <OrphanedLine key={grant.grantId} grant={grant} {...tools} />
      ))}
    </ul>
  );
}

function OrphanedLine({
  grant,
  releases,
  forbidden,
  now,
}: { grant: OrphanedGrant } & Omit<OrphanedGrantsProps, 'grants'>): ReactNode {
  const release = useLiveValue(releases.of(grant.grantId));
  const reasonId = useId();
  const amount = formatUsd(grant.heldNanoUsd);
  const since = formatSince(grant.silentSince);
  return (
    <li className={classes['line']}>
      <p>
        <StateMark shape="triangle" tone="warn" />
        <span>
          <b title={formatUsdExactly(grant.heldNanoUsd)}>{amount}</b> held by gateway {grant.gatewayName}, silent since{' '}
          <time dateTime={formatExactly(grant.silentSince)}>{since}</time>. No other gateway can spend it.
        </span>
      </p>
      {release === null ? (
        <button
          type="button"
          className="td-button"
          aria-disabled={forbidden !== null}
          aria-describedby={forbidden === null ? undefined : reasonId}
          onClick={() => {
            if (forbidden === null) releases.ask(grant.grantId);
          }}
        >
          Release {amount}…
        </button>
      ) : null}
      {release?.state === 'asked' ? (
        <div className={classes['question']} role="alert">
          <p>{question(grant, now())}</p>
          <span className={classes['choices']}>
            <button type="button" className="td-button" data-weight="strong" onClick={() => releases.release(grant)}>
              The gateway is gone: release {amount}
            </button>
            <button type="button" className="td-button" onClick={() => releases.dismiss(grant.grantId)}>
              Keep it held
            </button>
          </span>
        </div>
      ) : null}
      {release?.state === 'pending' ? <output>Asking the database…</output> : null}
      {release?.state === 'done' ? (
        <output>{formatUsd(release.result.releasedNanoUsd)} went back to the caps.</output>
      ) : null}
      {release?.state === 'refused' ? (
        <div role="alert">
          <p>{release.sentence}</p>
          <button type="button" className="td-link" onClick={() => releases.dismiss(grant.grantId)}>
            Understood
          </button>
        </div>
      ) : null}
      {release?.state === 'unanswered' ? (
        <div role="alert">
          <p>The line broke before the answer came. Asking again can’t release it twice.</p>
          <button type="button" className="td-button" onClick={() => releases.release(grant)}>
            Ask again
          </button>
        </div>
      ) : null}
      {forbidden === null || release !== null ? null : (
        <p id={reasonId} className={classes['reason']}>
          {forbidden}
        </p>
      )}
    </li>
  );
}

function question({ gatewayName, spentUntil, heldNanoUsd }: OrphanedGrant, now: Date): string {
  const late = `What it settled and did not report yet is charged when it comes back.`;
  if (now >= spentUntil) return `Gateway ${gatewayName} lets no call through any more, even if it still runs. ${late}`;
  return (
    `If gateway ${gatewayName} still runs and has only lost the database, it goes on spending this until ` +
    `${formatSince(spentUntil)}: released now, the cap can be passed by up to ${formatUsd(heldNanoUsd)}. ${late}`
  );
}

/** One line for the whole board: how much, of whom; the way to release it is in the client's panel. */
export function OrphanedSummary({
  grants,
  onOpen,
}: {
  grants: readonly OrphanedGrant[];
  onOpen: (tenantId: string) => void;
}): ReactNode {
  if (grants.length === 0) return null;
  const clients = new Map(grants.map(({ tenantId, tenantName }) => [tenantId, tenantName]));
  const gateways = [...new Set(grants.map(({ gatewayName }) => gatewayName))];
  const since = new Date(Math.min(...grants.map(({ silentSince }) => silentSince.getTime())));
  const total = grants.reduce((sum, { heldNanoUsd }) => sum + heldNanoUsd, 0n);
  const shown = [...clients].slice(0, NAMED);
  return (
    <output className={classes['summary']}>
      <StateMark shape="triangle" tone="warn" />
      <span>
        <b title={formatUsdExactly(total)}>{formatUsd(total)}</b> held by{' '}
        {gateways.length === 1 ? 'gateway' : 'gateways'} {gateways.join(', ')}, silent since {formatSince(since)}:{' '}
        {shown.map(([tenantId, name], index) => (
          <span key={tenantId}>
            {index === 0 ? '' : ', '}
            <button type="button" className="td-link" onClick={() => onOpen(tenantId)}>
              {name}
            </button>
          </span>
        ))}
        {clients.size > NAMED ? ` and ${clients.size - NAMED} more` : ''}
      </span>
    </output>
  );
}

const NAMED = 4;
