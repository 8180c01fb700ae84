import type { ReactNode } from 'react';
import type { RefusalScope, TenantActivity } from '../../src-main/contract/tenants.ts';
import { formatSince, formatToTheSecond, zoneName } from '../ui/format-instant.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { SkeletonRows } from '../ui/state-panel.tsx';
import { CallList } from './call-list.tsx';
import { RefusalList } from './refusal-list.tsx';
import type { FetchExplanation } from './tenants-queries.ts';
import activityClasses from './activity.module.css';
import classes from './tenant-panel.module.css';

export interface TenantActivitySectionsProps {
  tenantId: string;
  timeZone: string;
  /** Null: not heard yet. */
  activity: TenantActivity | null;
  fetchExplanation: FetchExplanation;
  remedies: (scope: RefusalScope, capName: string) => ReactNode;
}

/** What was refused and what was called, newest first, moving while one looks. */
export function TenantActivitySections({ activity, ...tools }: TenantActivitySectionsProps): ReactNode {
  const { timeZone } = tools;
  if (activity === null) return <SkeletonRows rows={3} label="Calls and refusals are on their way" />;
  const { calls, refusals, asOf, trouble } = activity;
  const zone = asOf === null ? timeZone : zoneName(asOf, timeZone);
  const stale =
    trouble === null ? null : (
      <p className={activityClasses['trouble']} role="alert">
        <StateMark shape="triangle" tone="warn" />
        <span>
          {trouble} {asOf === null ? '' : `Shown is what was known at ${formatSince(asOf)}.`}
        </span>
      </p>
    );
  return (
    <>
      {stale === null ? null : <div className={classes['section']}>{stale}</div>}
      {asOf === null ? null : (
        <>
          <section className={classes['section']} aria-label="Last refusals">
            <h3>
              Last refusals <small>times in {zone}</small>
            </h3>
            <RefusalList refusals={refusals} {...tools} />
          </section>
          <section className={classes['section']} aria-label="Last calls">
            <h3>
              Last calls{' '}
              <small>
                times in {zone}, <span title={formatToTheSecond(asOf)}>from the ledger</span>
              </small>
            </h3>
            <CallList calls={calls} timeZone={timeZone} />
          </section>
        </>
      )}
    </>
  );
}
