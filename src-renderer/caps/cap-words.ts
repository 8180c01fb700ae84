import type { BoardCap } from '../../src-main/contract/board.ts';
import { formatDay } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';

/** What the gateways hold a client to: the cap and its temporary raises. */
export function limitInForce(cap: Pick<BoardCap, 'limitNanoUsd' | 'override'>): bigint {
  return cap.limitNanoUsd + (cap.override?.amountNanoUsd ?? 0n);
}

/** "override +$5.00 until 30 Nov", of several their sum and the first end; null without one. */
export function overrideWords({ override }: Pick<BoardCap, 'override'>, timeZone: string): string | null {
  if (override === null) return null;
  const amount = `+${formatUsd(override.amountNanoUsd)}`;
  const ends = override.nextEnd === null ? 'until removed' : `until ${formatDay(lastDay(override.nextEnd), timeZone)}`;
  if (override.count === 1) return `override ${amount} ${ends}`;
  return `${override.count} overrides ${amount}${override.nextEnd === null ? ' until removed' : `, first ${ends}`}`;
}

/** What ends at midnight holds until the day before. */
function lastDay(end: Date): Date {
  return new Date(end.getTime() - 1);
}
