import type { BoardCap, BoardRow, CapPeriod } from '../../src-main/contract/board.ts';

/** A client's cap of one period with what is known of that period; null figures: unknown. */
export interface CapStanding {
  period: CapPeriod;
  cap: BoardCap;
  committedNanoUsd: bigint | null;
  heldNanoUsd: bigint | null;
}

/** The cap of that period; null: the client has none. */
export function capStanding(row: BoardRow, period: CapPeriod): CapStanding | null {
  if (period === 'month') {
    const { cap, committedNanoUsd, heldNanoUsd } = row;
    return cap === null ? null : { period, cap, committedNanoUsd, heldNanoUsd };
  }
  const { dayCap } = row;
  if (dayCap === null) return null;
  return { period, cap: dayCap, committedNanoUsd: dayCap.committedNanoUsd, heldNanoUsd: dayCap.heldNanoUsd };
}

/** The cap that the client's row is about; null: it has no cap. */
export function bindingCap(row: BoardRow): CapStanding | null {
  return capStanding(row, row.binding);
}

/** The other one, if there are two. */
export function otherCap(row: BoardRow): CapStanding | null {
  return capStanding(row, row.binding === 'month' ? 'day' : 'month');
}

/** "cap", "daily cap": the month's is the one that is meant where nothing is said. */
export function capNoun(period: CapPeriod): string {
  return period === 'day' ? 'daily cap' : 'cap';
}
