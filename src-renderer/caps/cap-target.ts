import type { BoardRow, CapPeriod } from '../../src-main/contract/board.ts';
import type { SeenCap } from './cap-changes.ts';
import type { CapStanding } from './cap-standing.ts';

/** What the cap control works on. Compared by value, so that live figures don't redraw it. */
export interface CapTarget extends SeenCap {
  clientName: string;
  timeZone: string;
  period: CapPeriod;
  periodEnd: Date;
}

export function capTarget(row: BoardRow, { period, cap }: CapStanding): CapTarget {
  const { tenantId, name: clientName, timeZone } = row;
  const { capId, version, limitNanoUsd, override, periodEnd } = cap;
  const overrideNanoUsd = override?.amountNanoUsd ?? 0n;
  return { tenantId, clientName, timeZone, period, periodEnd, capId, version, limitNanoUsd, overrideNanoUsd };
}
