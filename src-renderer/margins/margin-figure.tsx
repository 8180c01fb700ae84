import type { ReactNode } from 'react';
import { Missing } from '../ui/figure.tsx';
import { formatMinor, formatPercent } from '../ui/format-money.ts';

/** An amount of contract money; null is a dash with its reason. */
export function Amount({
  minor,
  money,
  missing,
}: {
  minor: bigint | null;
  money: { currency: string; minorDigits: number } | null;
  missing: string;
}): ReactNode {
  if (minor === null || money === null) return <Missing reason={missing} />;
  return formatMinor(minor, money.currency, money.minorDigits);
}

/** A margin with one decimal, all of it on hover. */
export function Margin({ bp, missing }: { bp: bigint | null; missing: string }): ReactNode {
  if (bp === null) return <Missing reason={missing} />;
  return <span title={`${bp} basis points of revenue`}>{formatPercent(bp)}</span>;
}
