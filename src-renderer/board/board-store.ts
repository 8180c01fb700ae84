import { useCallback, useSyncExternalStore } from 'react';
import type { BoardCap, BoardFrame, BoardRow, BoardSummary } from '../../src-main/contract/board.ts';
import type { CapResult } from '../caps/cap-changes.ts';
import { createLiveValue, type LiveValue } from '../ui/live-value.ts';

export interface BoardData {
  rows: ReadonlyMap<string, BoardRow>;
  summary: BoardSummary;
  /** When main made the last frame, by the platform's clock. */
  at: Date;
  /** While the figures are kept ones: when the newest was told, by the platform's clock; null: they are of now. */
  keptAsOf: Date | null;
  /** How often the database had come back when the rows were read. */
  returns: number;
  /** When it came here, by this window's monotonic clock, in ms. */
  receivedMs: number;
  /** Rises when a client came or went. */
  membership: number;
  /** Rises when a cap changed, whoever changed it. */
  capChanges: number;
}

/** The mirror of the board's stream: null until the first frame. */
export interface BoardStore {
  data: LiveValue<BoardData | null>;
  apply: (frame: BoardFrame) => void;
  /** The database agreed to a cap: show it before the stream tells it. */
  applyCap: (change: AgreedCap & Pick<CapResult, 'tenantId'>) => void;
}

/** `endsAt`: of the override that was added. */
type AgreedCap = Pick<CapResult, 'capId' | 'version' | 'limitNanoUsd' | 'overrideNanoUsd' | 'endsAt'>;

export function createBoardStore(monotonicMs: () => number): BoardStore {
  const data = createLiveValue<BoardData | null>(null);
  const agreed = new Map<string, AgreedCap>();

  /** A frame that was made before the database agreed must not take the answer back. */
  function withAgreedCaps(row: BoardRow): BoardRow {
    const cap = agreedTo(row.cap);
    const dayCap = agreedTo(row.dayCap);
    return cap === row.cap && dayCap === row.dayCap ? row : { ...row, cap, dayCap };
  }

  function agreedTo<Cap extends BoardCap>(cap: Cap | null): Cap | null {
    const newer = cap === null ? undefined : agreed.get(cap.capId);
    if (cap === null || newer === undefined || cap.version >= newer.version) return cap;
    const { version, limitNanoUsd, overrideNanoUsd: amountNanoUsd, endsAt } = newer;
    const known = cap.override;
    const override =
      amountNanoUsd === 0n
        ? null
        : { amountNanoUsd, count: known?.count ?? 1, nextEnd: known ? known.nextEnd : (endsAt ?? null) };
    return { ...cap, version, limitNanoUsd, override };
  }

  return {
    data,
    apply(frame) {
      const before = data.get();
      const rows = new Map(frame.kind === 'snapshot' ? [] : before?.rows);
      let capChanges = before?.capChanges ?? 0;
      for (const row of frame.rows) {
        const next = withAgreedCaps(row);
        const known = before?.rows.get(row.tenantId);
        if (known && !sameVersions(known, next)) capChanges += 1;
        rows.set(row.tenantId, next);
      }
      for (const gone of frame.removed) rows.delete(gone);
      data.set({
        rows,
        summary: frame.summary,
        at: frame.at,
        keptAsOf: frame.keptAsOf,
        returns: frame.returns,
        receivedMs: monotonicMs(),
        membership: (before?.membership ?? 0) + (sameIds(before?.rows, rows) ? 0 : 1),
        capChanges,
      });
    },
    applyCap(change) {
      agreed.set(change.capId, change);
      const before = data.get();
      const row = before?.rows.get(change.tenantId);
      if (!before || !row) return;
      const next = withAgreedCaps(row);
      if (next === row) return;
      data.set({
        ...before,
        rows: new Map(before.rows).set(change.tenantId, next),
        capChanges: before.capChanges + 1,
      });
    },
  };
}

/** One client's row; undefined while it isn't known. Draws again only when that row changed. */
export function useBoardRow(store: BoardStore, tenantId: string): BoardRow | undefined {
  const read = useCallback(() => store.data.get()?.rows.get(tenantId), [store, tenantId]);
  return useSyncExternalStore(store.data.subscribe, read);
}

function sameVersions(a: BoardRow, b: BoardRow): boolean {
  return a.cap?.version === b.cap?.version && a.dayCap?.version === b.dayCap?.version;
}

function sameIds(a: ReadonlyMap<string, unknown> | undefined, b: ReadonlyMap<string, unknown>): boolean {
  if (a?.size !== b.size) return false;
  for (const id of b.keys()) if (!a.has(id)) return false;
  return true;
}
