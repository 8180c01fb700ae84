import type { ReactNode } from 'react';
import type { CapStanding } from '../caps/cap-standing.ts';
import { limitInForce } from '../caps/cap-words.ts';
import { Money } from '../ui/figure.tsx';
import classes from './tenant-panel.module.css';

export interface CapSectionProps {
  standing: CapStanding;
  /** How many caps the client has: of two, each says which it is. */
  among: number;
  gauge: ReactNode;
  form: ReactNode;
}

const TITLES = { month: 'Monthly cap', day: 'Daily cap' } as const;

/** Of one cap alone nobody asks which it is, unless it is the unusual one. `among`: how many the client has. */
export function capTitle(period: CapStanding['period'], among: number): string {
  return among === 1 && period === 'month' ? 'Cap' : TITLES[period];
}

/** One cap of a client: what is committed and held of it, the ways to change it. */
export function CapSection({ standing, among, gauge, form }: CapSectionProps): ReactNode {
  const { cap, period, committedNanoUsd, heldNanoUsd } = standing;
  const title = capTitle(period, among);
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
      <div className={classes['change']}>{form}</div>
    </section>
  );
}
