import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { CapOverride } from '../../src-main/contract/caps.ts';
import { formatExactly, formatInZone, formatSince } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';
import { useLiveValue } from '../ui/live-value.ts';
import type { CapChanges } from './cap-changes.ts';
import { consequence } from './cap-entry.ts';
import type { CapPermission } from './cap-permission.ts';
import { overridesQuery, type FetchOverrides } from './cap-queries.ts';
import { capNoun } from './cap-standing.ts';
import type { CapTarget } from './cap-target.ts';
import classes from './override-list.module.css';

export interface OverrideListProps {
  target: CapTarget;
  fetchOverrides: FetchOverrides;
  changes: CapChanges;
  permission: CapPermission;
  committed: () => bigint | null;
}

/** The temporary raises in force, each with its end and a way to end it now; nothing when there is none. */
export function OverrideList({ target, fetchOverrides, changes, permission, committed }: OverrideListProps): ReactNode {
  const query = useQuery(overridesQuery(fetchOverrides, target));
  const change = useLiveValue(changes.of(target.capId));
  const [asked, setAsked] = useState<string | null>(null);
  if (target.overrideNanoUsd === 0n) return null;
  const ofWhat = target.period === 'day' ? `${capNoun('day')} of ${target.clientName}` : target.clientName;
  const busy = change?.state === 'pending';
  const overrides = query.data?.overrides ?? [];

  function remove({ overrideId, amountNanoUsd }: CapOverride): void {
    if (busy || permission.lower !== null) return;
    if (asked === overrideId) changes.change(target, { kind: 'remove', overrideId, amountNanoUsd });
    setAsked(asked === overrideId ? null : overrideId);
  }

  return (
    <div className={classes['overrides']}>
      <h4>Temporary raises</h4>
      {query.isError ? <p>They can’t be read now: {query.error.message}</p> : null}
      <ul aria-label={`Temporary raises of ${ofWhat}`}>
        {overrides.map((override) => (
          <li key={override.overrideId}>
            <span>
              <b>+{formatUsd(override.amountNanoUsd)}</b> {endWords(override, target.timeZone)}
              <small title={formatExactly(override.createdAt)}>
                {[override.createdBy, `since ${formatSince(override.createdAt)}`, override.reason]
                  .filter((part) => part !== null)
                  .join(' · ')}
              </small>
            </span>
            <button
              type="button"
              className="td-button"
              data-asked={asked === override.overrideId}
              aria-disabled={busy || permission.lower !== null}
              title={permission.lower ?? undefined}
              onClick={(event) => {
                // A double click must not answer the question it asked.
                if (event.detail < 2) remove(override);
              }}
            >
              {asked === override.overrideId ? 'Remove it' : 'Remove'}
              <span className="td-unseen">
                : temporary raise of {formatUsd(override.amountNanoUsd)} of {ofWhat}
              </span>
            </button>
            {asked === override.overrideId ? (
              <p>
                <output>{sentence(target, override, committed())}</output>{' '}
                <button type="button" className="td-link" onClick={() => setAsked(null)}>
                  Keep it
                </button>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function endWords({ until, endsAt }: CapOverride, timeZone: string): string {
  if (endsAt === null) return 'until removed';
  return until === 'period_end'
    ? `until the period ends, ${formatInZone(endsAt, timeZone)}`
    : `until ${formatInZone(endsAt, timeZone)}`;
}

function sentence(target: CapTarget, override: CapOverride, committedNanoUsd: bigint | null): string {
  const inForce = target.limitNanoUsd + target.overrideNanoUsd - override.amountNanoUsd;
  return consequence(inForce, committedNanoUsd).sentence;
}
