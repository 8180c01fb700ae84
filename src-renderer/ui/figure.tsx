import type { ReactNode } from 'react';
import { formatUsd, formatUsdExactly } from './format-usd.ts';
import classes from './figure.module.css';

const counts = new Intl.NumberFormat('en-US');

/** An amount in nano-USD with every digit on hover. Null is a dash with its reason, never a zero. */
export function Money({ nanoUsd, missing }: { nanoUsd: bigint | null; missing: string }): ReactNode {
  if (nanoUsd === null) return <Missing reason={missing} />;
  return <span title={formatUsdExactly(nanoUsd)}>{formatUsd(nanoUsd)}</span>;
}

/** A whole number, grouped. Null is a dash with its reason. */
export function Count({ value, missing }: { value: number | null; missing: string }): ReactNode {
  return value === null ? <Missing reason={missing} /> : counts.format(value);
}

export function Missing({ reason }: { reason: string }): ReactNode {
  return (
    <span className={classes['missing']} title={reason}>
      <span aria-hidden="true">—</span>
      <span className="td-unseen">{reason}</span>
    </span>
  );
}
