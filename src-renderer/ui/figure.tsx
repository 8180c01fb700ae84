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

/** The share of calls that did not fail, never rounded up. A dash with its reason without calls. */
export function SuccessRate({
  calls,
  failed,
  missing,
}: {
  calls: number | null;
  failed: number | null;
  missing: string;
}): ReactNode {
  if (calls === null || failed === null || calls === 0) return <Missing reason={missing} />;
  const share = `${Math.floor(((calls - failed) * 1000) / calls) / 10} %`;
  return <span title={`${counts.format(failed)} of ${counts.format(calls)} calls failed`}>{share}</span>;
}

/** A time in milliseconds, in seconds from one on. A dash with its reason when there is none. */
export function Latency({ ms, missing }: { ms: number | null; missing: string }): ReactNode {
  if (ms === null) return <Missing reason={missing} />;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

export function Missing({ reason }: { reason: string }): ReactNode {
  return (
    <span className={classes['missing']} title={reason}>
      <span aria-hidden="true">—</span>
      <span className="td-unseen">{reason}</span>
    </span>
  );
}
