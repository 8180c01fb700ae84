import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import type { RefusalScope, TenantActivity } from '../../src-main/contract/tenants.ts';
import { limitInForce, overrideWords } from '../caps/cap-words.ts';
import { formatExactly, formatInZone, formatMonth, formatSince, zoneName } from '../ui/format-instant.ts';
import { Count, Money } from '../ui/figure.tsx';
import { SkeletonRows, StatePanel } from '../ui/state-panel.tsx';
import { TenantActivitySections } from './tenant-activity-sections.tsx';
import { tenantDetailQuery, type FetchExplanation, type FetchTenantDetail } from './tenants-queries.ts';
import { WorkflowTable } from './workflow-table.tsx';
import classes from './tenant-panel.module.css';

export interface TenantPanelProps {
  row: BoardRow;
  fetchDetail: FetchTenantDetail;
  fetchExplanation: FetchExplanation;
  /** The last calls and refusals as they are now; null: not heard yet. */
  activity: TenantActivity | null;
  remedies: (scope: RefusalScope, capName: string) => ReactNode;
  /** What silent gateways hold of its caps. */
  orphaned: ReactNode;
  state: ReactNode;
  gauge: ReactNode;
  /** Null: this client has no cap. */
  capForm: ReactNode | null;
  auditLink: ReactNode;
  onClose: () => void;
}

/** One client beside the board: its gauge, its cap, where the money goes, why calls were refused. */
export function TenantPanel({
  row,
  fetchDetail,
  fetchExplanation,
  activity,
  remedies,
  orphaned,
  state,
  gauge,
  capForm,
  auditLink,
  onClose,
}: TenantPanelProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const detail = useQuery(tenantDetailQuery(fetchDetail, row.tenantId));
  useEffect(() => {
    // In braces: Chromium's scrollIntoView answers with a promise, which an effect must not pass on.
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  return (
    <aside className={classes['panel']} aria-label={`Client ${row.name}`}>
      <header className={classes['head']}>
        <div className={classes['title']}>
          <h2 ref={heading}>{row.name}</h2>
          <button
            type="button"
            className="td-button"
            aria-label="Close the panel"
            title="Close (Esc)"
            onClick={onClose}
          >
            <IconX size={15} aria-hidden="true" />
          </button>
        </div>
        <p className={classes['sub']}>
          {row.plan} · {row.currency} · {row.timeZone}
        </p>
        {state}
      </header>
      {orphaned}

      <section className={classes['section']} aria-label="Committed of the cap">
        <p className={classes['figure']}>
          <b>
            <Money nanoUsd={row.committedNanoUsd} missing="committed is unknown" />
          </b>{' '}
          of {row.cap === null ? 'no cap' : <Money nanoUsd={limitInForce(row.cap)} missing="no cap" />}
          <span className={classes['held']}>
            {' · held '}
            <Money nanoUsd={row.heldNanoUsd} missing="held is unknown" />
          </span>
        </p>
        {gauge}
        <dl className={classes['facts']}>
          {row.cap?.override ? (
            <>
              <dt>Cap</dt>
              <dd>
                <Money nanoUsd={row.cap.limitNanoUsd} missing="no cap" />, {overrideWords(row.cap, row.timeZone)}
              </dd>
            </>
          ) : null}
          {row.cap === null ? null : (
            <>
              <dt>Period</dt>
              <dd>
                {formatInZone(row.cap.periodStart, row.timeZone).replace(/ \S+$/, '')} –{' '}
                <time dateTime={formatExactly(row.cap.periodEnd)} title={formatExactly(row.cap.periodEnd)}>
                  {formatInZone(row.cap.periodEnd, row.timeZone)}
                </time>
              </dd>
              <dt>Resets</dt>
              <dd>
                {formatInZone(row.cap.periodEnd, row.timeZone)}, for you {formatSince(row.cap.periodEnd)}{' '}
                {zoneName(row.cap.periodEnd)}
              </dd>
            </>
          )}
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
              <dt>Cap lasts until</dt>
              <dd>{formatInZone(row.runsOutAt, row.timeZone)} at that burn</dd>
            </>
          )}
        </dl>
      </section>

      <section className={classes['section']} aria-label="Cap">
        <h3>Cap</h3>
        {capForm ?? (
          <p className={classes['quiet']}>
            This client has no monthly cap: its calls are counted, never refused for cost.
          </p>
        )}
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
        <StatePanel
          kind="error"
          title="Usage can’t be read"
          action={
            <button type="button" className="td-button" onClick={() => void detail.refetch()}>
              Read again
            </button>
          }
        >
          {detail.error.message}
        </StatePanel>
      ) : (
        <SkeletonRows rows={4} label="Usage is on its way" />
      )}
      <footer className={classes['foot']}>
        {auditLink}
        {detail.data ? <span>usage as of {formatSince(detail.data.asOf)}</span> : null}
      </footer>
    </aside>
  );
}
