import type { Attention, BoardRow } from '../../src-main/contract/board.ts';
import { bindingCap } from '../caps/cap-standing.ts';
import { limitInForce } from '../caps/cap-words.ts';

/** Worst first. What isn't here needs nobody's eye and is sorted by share of cap. */
const ATTENTION_RANK: Partial<Record<Attention, number>> = { refusing: 0, near_cap: 1, runs_out: 2, unknown: 3 };

/** Clients in the order of the board; the first `attentionCount` need an operator's eye. */
export interface BoardOrder {
  ids: readonly string[];
  attentionCount: number;
}

export function needsAttention(row: BoardRow): boolean {
  return ATTENTION_RANK[row.attention] !== undefined;
}

/** Committed of the cap that the row is about in per mille, rounded down; null without a cap or when unknown. */
export function shareOfCap(row: BoardRow): number | null {
  const standing = bindingCap(row);
  if (standing === null || standing.committedNanoUsd === null) return null;
  const limit = limitInForce(standing.cap);
  if (limit <= 0n) return 1000;
  return Number((standing.committedNanoUsd * 1000n) / limit);
}

/** Attention first, worst first; then share of cap, highest first, unknown last; then name. */
export function orderBoard(rows: Iterable<BoardRow>): BoardOrder {
  const keyed = Array.from(rows, (row) => ({
    id: row.tenantId,
    name: row.name,
    rank: ATTENTION_RANK[row.attention] ?? Number.MAX_SAFE_INTEGER,
    share: shareOfCap(row) ?? -1,
  }));
  keyed.sort((a, b) => a.rank - b.rank || b.share - a.share || byText(a.name, b.name) || byText(a.id, b.id));
  return {
    ids: keyed.map(({ id }) => id),
    attentionCount: keyed.filter(({ rank }) => rank < Number.MAX_SAFE_INTEGER).length,
  };
}

export function sameOrder(a: BoardOrder, b: BoardOrder): boolean {
  return (
    a.attentionCount === b.attentionCount &&
    a.ids.length === b.ids.length &&
    a.ids.every((id, index) => id === b.ids[index])
  );
}

/**
 * The order that is shown, kept while somebody works in the table: who is gone leaves, who is new is added at the end,
 * nobody moves.
 */
export function keepOrder(shown: BoardOrder, wanted: BoardOrder): BoardOrder {
  const left = new Set(wanted.ids);
  const kept = shown.ids.filter((id) => left.has(id));
  const keptAbove = shown.ids.slice(0, shown.attentionCount).filter((id) => left.has(id)).length;
  const known = new Set(kept);
  return { ids: [...kept, ...wanted.ids.filter((id) => !known.has(id))], attentionCount: keptAbove };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
