import { useEffect, useRef, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { RefusalScope, TenantActivity } from '../../src-main/contract/tenants.ts';
import { AgeOf } from '../ui/age-of.tsx';
import { Count, Money } from '../ui/figure.tsx';
import { formatInZone, formatMonth, formatSince } from '../ui/format-instant.ts';
import { PanelTabs } from '../ui/panel-tabs.tsx';
import { PanelTitle } from '../ui/panel-title.tsx';
import { SkeletonRows, UnreadPanel } from '../ui/state-panel.tsx';
import { TenantActivitySections } from './tenant-activity-sections.tsx';
import type { FetchExplanation, TenantDetailQuery } from './tenants-queries.ts';
import { WorkflowTable } from './workflow-table.tsx';
import classes from './tenant-panel.module.css';

export interface TenantPanelProps {
  row: BoardRow;
  detail: TenantDetailQuery;
  fetchExplanation: FetchExplanation;
  /** The last calls and refusals as they are now; null: not heard yet. */
  activity: TenantActivity | null;
  remedies: (scope: RefusalScope, capName: string) => ReactNode;
  /** What silent gateways hold of its caps. */
  orphaned: ReactNode;
  state: ReactNode;
  /** The way to suspend and resume it. */
  status: ReactNode;
  /** A section for each cap of the client, the one that matters first. */
  caps: readonly ReactNode[];
  keys: ReactNode;
  /** Caps of keys and workflows. */
  limits: ReactNode;
  /** To what other pages hold of this client. */
  links: ReactNode;
  /** Now by the platform's clock. */
  now: () => Date;
  /** The tab that is open. */
  tab: string | undefined;
  onTab: (tab: string) => void;
  onClose: () => void;
}

/** One client beside the board: its caps, where the money goes, why calls were refused. */
export function TenantPanel({
  row,
  detail,
  fetchExplanation,
  activity,
  remedies,
  orphaned,
  state,
  status,
  caps,
  keys,
  limits,
  links,
  now,
  tab,
  onTab,
  onClose,
}: TenantPanelProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // In braces: Chromium's scrollIntoView answers with a promise, which an effect must not pass on.
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  const usage = (
    <>
      <section className={classes['section']} aria-label="Spending">
        <h3>Spending</h3>
        <dl className={classes['facts']}>
          <dt>Burn</dt>
          <dd>
            <Money nanoUsd={row.burnNanoUsdPerDay} missing="burn rate is unknown" /> a day, mean of seven days
          </dd>
          <dt>Spent today</dt>
          <dd>
            <Money nanoUsd={row.spentTodayNanoUsd} missing="spent today is unknown" />
          </dd>
          {row.runsOutAt === null || row.attention === 'refusing' ? null : (
            <>
              <dt>{row.dayCap === null ? 'Cap' : 'Monthly cap'} lasts until</dt>
              <dd>{formatInZone(row.runsOutAt, row.timeZone)} at that burn</dd>
            </>
          )}
        </dl>
      </section>

      <TenantActivitySections
        tenantId={row.tenantId}
        timeZone={row.timeZone}
        activity={activity}
        fetchExplanation={fetchExplanation}
        remedies={remedies}
      />

      {detail.data ? (
        <section className={classes['section']} aria-label="By workflow">
          <h3>
            By workflow, {formatMonth(detail.data.month)} <small>calendar month in {row.timeZone}</small>
          </h3>
          <WorkflowTable workflows={detail.data.workflows} />
          <p className={classes['quiet']}>
            <Count value={detail.data.messages} missing="unknown" /> messages ·{' '}
            <Count value={detail.data.conversations} missing="unknown" /> conversations ·{' '}
            <Count value={detail.data.integrationCalls} missing="unknown" /> calls to other systems
          </p>
        </section>
      ) : detail.isError ? (
        <UnreadPanel title="Usage can’t be read" query={detail} />
      ) : (
        <SkeletonRows rows={4} label="Usage is on its way" />
      )}
    </>
  );

  return (
    <aside className={classes['panel']} aria-label={`Client ${row.name}`}>
      <header className={classes['head']}>
        <PanelTitle name={row.name} heading={heading} onClose={onClose} />
        <p className={classes['sub']}>
          {row.plan} · {row.currency} · {row.timeZone}
          {row.source === 'kept' && row.asOf !== null ? (
            <>
              {' '}
              · figures <AgeOf asOf={row.asOf} now={now} />
            </>
          ) : null}
        </p>
        <div className={classes['standing']}>
          {state}
          {status}
        </div>
      </header>
      {orphaned}

      {caps.length === 0 ? (
        <section className={classes['section']} aria-label="Cap">
          <p className={classes['quiet']}>This client has no cap: its calls are counted, never refused for cost.</p>
        </section>
      ) : (
        caps
      )}

      <PanelTabs
        label={`Parts of ${row.name}`}
        open={tab}
        onOpen={onTab}
        tabs={[
          { id: 'usage', label: 'Usage', content: usage },
          { id: 'keys', label: 'Keys', content: keys },
          { id: 'limits', label: 'Limits', content: limits },
        ]}
      />
      <footer className={classes['foot']}>
        {links}
        {detail.data ? (
          <span>
            usage as of {formatSince(detail.data.asOf)} · <AgeOf asOf={detail.data.asOf} now={now} />
          </span>
        ) : null}
      </footer>
    </aside>
  );
}
