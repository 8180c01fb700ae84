import type { ReactNode } from 'react';
import type { BoardRow } from '../../src-main/contract/board.ts';
import { overrideWords } from '../caps/cap-words.ts';
import { Money } from '../ui/figure.tsx';
import { formatExactly, formatInZone, formatSince, zoneName } from '../ui/format-instant.ts';
import classes from './tenant-panel.module.css';

/** What there is to know of a client's cap: its period, its thresholds, how long it lasts; then what raises it for a time. */
export function CapFacts({ row, children }: { row: BoardRow; children: ReactNode }): ReactNode {
  const { cap, timeZone } = row;
  return (
    <section className={classes['section']} aria-label="Cap in detail">
      {cap === null ? <p className={classes['quiet']}>No cap, no period.</p> : null}
      <dl className={classes['facts']}>
        {cap === null ? null : (
          <>
            <dt>Monthly cap</dt>
            <dd>
              <Money nanoUsd={cap.limitNanoUsd} missing="no cap" />
              {cap.override ? `, ${overrideWords(cap, timeZone)}` : ''}
            </dd>
            <dt>Thresholds</dt>
            <dd>{cap.thresholds.length === 0 ? 'none' : `${cap.thresholds.join(', ')} %`}</dd>
            <dt>Period</dt>
            <dd>
              {formatInZone(cap.periodStart, timeZone).replace(/ \S+$/, '')} –{' '}
              <time dateTime={formatExactly(cap.periodEnd)} title={formatExactly(cap.periodEnd)}>
                {formatInZone(cap.periodEnd, timeZone)}
              </time>
            </dd>
            <dt>Resets</dt>
            <dd>
              {formatInZone(cap.periodEnd, timeZone)}, for you {formatSince(cap.periodEnd)} {zoneName(cap.periodEnd)}
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
            <dd>{formatInZone(row.runsOutAt, timeZone)} at that burn</dd>
          </>
        )}
      </dl>
      {children}
    </section>
  );
}
