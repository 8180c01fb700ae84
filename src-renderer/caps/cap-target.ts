import type { BoardRow } from '../../src-main/contract/board.ts';
import type { SeenCap } from './cap-changes.ts';

/** What the cap control works on; null where there is no cap. Compared by value, so that live figures don't redraw it. */
export interface CapTarget extends SeenCap {
  clientName: string;
}

export function capTarget(row: BoardRow): CapTarget | null {
  if (row.cap === null) return null;
  const { capId, version, limitNanoUsd } = row.cap;
  return { tenantId: row.tenantId, clientName: row.name, capId, version, limitNanoUsd };
}
