import type { ReactNode } from 'react';
import type { CapStanding } from '../caps/cap-standing.ts';
import { overrideWords } from '../caps/cap-words.ts';
import { Money } from '../ui/figure.tsx';
import { formatExactly, formatInZone, formatSince, zoneName } from '../ui/format-instant.ts';
import { capTitle } from './cap-section.tsx';
import classes from './tenant-panel.module.css';

export interface CapFactsProps {
  standing: CapStanding;
  /** The client's. */
  timeZone: string;
  /** How many caps the client has. */
  among: number;
  /** What raises it for a time. */
  children: ReactNode;
}

/** What there is to know of a cap besides its gauge: limit, thresholds, period; then what raises it for a time. */
export function CapFacts({ standing, timeZone, among, children }: CapFactsProps): ReactNode {
  const { cap, period } = standing;
  const title = capTitle(period, among);
  return (
    <section className={classes['section']} aria-label={`${title} in detail`}>
      <h3>{title}</h3>
      <dl className={classes['facts']}>
        <dt>Limit</dt>
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
      </dl>
      {children}
    </section>
  );
}
