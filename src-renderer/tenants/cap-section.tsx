import type { ReactNode } from 'react';
import type { CapStanding } from '../caps/cap-standing.ts';
import { limitInForce, overrideWords } from '../caps/cap-words.ts';
import { formatExactly, formatInZone, formatSince, zoneName } from '../ui/format-instant.ts';
import { Money } from '../ui/figure.tsx';
import classes from './tenant-panel.module.css';

export interface CapSectionProps {
  standing: CapStanding;
  /** The client's. */
  timeZone: string;
  /** How many caps the client has: of two, each says which it is. */
  among: number;
  gauge: ReactNode;
  form: ReactNode;
}

const TITLES = { month: 'Monthly cap', day: 'Daily cap' } as const;

/** One cap of a client: what is committed and held of it, its period, the ways to change it. */
export function CapSection({ standing, timeZone, among, gauge, form }: CapSectionProps): ReactNode {
  const { cap, period, committedNanoUsd, heldNanoUsd } = standing;
  const title = among === 1 && period === 'month' ? 'Cap' : TITLES[period];
  return (
    <section className={classes['section']} aria-label={title}>
      <h3>
        {title} <small>version {cap.version}</small>
      </h3>
      <p className={classes['figure']}>
        <b>
          <Money nanoUsd={committedNanoUsd} missing="committed is unknown" />
        </b>{' '}
        of <Money nanoUsd={limitInForce(cap)} missing="no cap" />
        {period === 'day' ? ' today' : ''}
        <span className={classes['held']}>
          {' · held '}
          <Money nanoUsd={heldNanoUsd} missing="held is unknown" />
        </span>
      </p>
      {gauge}
      <dl className={classes['facts']}>
        {cap.override ? (
          <>
            <dt>Cap</dt>
            <dd>
              <Money nanoUsd={cap.limitNanoUsd} missing="no cap" />, {overrideWords(cap, timeZone)}
            </dd>
          </>
        ) : null}
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
      <div className={classes['change']}>{form}</div>
    </section>
  );
}
