import type { BoardRow } from '../../src-main/contract/board.ts';
import type { SeenCap } from './cap-changes.ts';

/** What the cap control works on; null where there is no cap. Compared by value, so that live figures don't redraw it. */
export interface CapTarget extends SeenCap {
  clientName: string;
  timeZone: string;
  periodEnd: Date;
}

export function capTarget(row: BoardRow): CapTarget | null {
  if (row.cap === null) return null;
  const { tenantId, name: clientName, timeZone } = row;
  const { capId, version, limitNanoUsd, override, periodEnd } = row.cap;
  const overrideNanoUsd = override?.amountNanoUsd ?? 0n;
  return { tenantId, clientName, timeZone, periodEnd, capId, version, limitNanoUsd, overrideNanoUsd };
}
