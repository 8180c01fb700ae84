/**
 * The watchers of one board. Each hears a snapshot, then only what changed since its last frame: the ids that changed
 * are kept, not the changes, so a watcher that reads slowly gets fewer frames, not older ones.
 */
import type { BoardFrame, BoardRow, BoardSummary } from '../contract/board.ts';
import type { Clock } from '../infra/clock.ts';
import { streamState } from '../infra/state-stream.ts';

/** At most four frames a second. */
const FRAME_MS = 250;
/** A frame at least this often, if only to say that nothing moved. */
const HEARTBEAT_MS = 1_000;

/** The board that is watched. */
export interface Watched {
  /** Undefined until the board was read once: nobody is told "no tenants" before that is known. */
  rows(): ReadonlyMap<string, BoardRow> | undefined;
  summary(): BoardSummary;
  /** Now, by the platform's clock. */
  platformNow(): Date;
}

export interface BoardWatchers {
  watch(signal?: AbortSignal): AsyncGenerator<BoardFrame, void, unknown>;
  /** The rows of these tenants changed, came or went. */
  changed(tenantIds: Iterable<string>): void;
  readonly count: number;
  close(): void;
}

interface Watcher {
  readonly wake: () => void;
  readonly changed: Set<string>;
}

export function createBoardWatchers(board: Watched, clock: Clock): BoardWatchers {
  const watchers = new Set<Watcher>();
  let closed = false;
  let lastFlush = 0;
  let cancelFlush: (() => void) | undefined;
  let cancelHeartbeat: (() => void) | undefined;

  function wakeAll(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    lastFlush = clock.now().getTime();
    for (const watcher of watchers) watcher.wake();
  }

  /** Once the running events are over, or a frame's time after the last one. */
  function flushSoon(): void {
    if (watchers.size === 0) return;
    const wait = Math.max(0, FRAME_MS - (clock.now().getTime() - lastFlush));
    cancelFlush ??= clock.after(wait, wakeAll);
  }

  function join(watcher: Watcher): () => void {
    watchers.add(watcher);
    cancelHeartbeat ??= clock.every(HEARTBEAT_MS, wakeAll);
    return () => {
      watchers.delete(watcher);
      if (watchers.size > 0) return;
      cancelHeartbeat?.();
      cancelFlush?.();
      cancelHeartbeat = undefined;
      cancelFlush = undefined;
    };
  }

  return {
    watch(signal) {
      const changed = new Set<string>();
      let sentAt: number | undefined;

      function take(): BoardFrame | undefined {
        const rows = board.rows();
        if (rows === undefined) return undefined;
        const now = clock.now().getTime();
        if (sentAt === undefined) {
          sentAt = now;
          changed.clear();
          return {
            kind: 'snapshot',
            at: board.platformNow(),
            rows: [...rows.values()],
            removed: [],
            summary: board.summary(),
          };
        }
        const due = now - sentAt >= (changed.size > 0 ? FRAME_MS : HEARTBEAT_MS);
        if (!due) {
          if (changed.size > 0) flushSoon();
          return undefined;
        }
        sentAt = now;
        const ids = [...changed];
        changed.clear();
        return {
          kind: 'changes',
          at: board.platformNow(),
          rows: ids.flatMap((id) => rows.get(id) ?? []),
          removed: ids.filter((id) => !rows.has(id)),
          summary: board.summary(),
        };
      }

      return streamState({ start: (wake) => join({ wake, changed }), take, ended: () => closed }, signal);
    },
    changed(tenantIds) {
      if (watchers.size === 0) return;
      const ids = [...tenantIds];
      for (const watcher of watchers) for (const id of ids) watcher.changed.add(id);
      flushSoon();
    },
    get count() {
      return watchers.size;
    },
    close() {
      closed = true;
      cancelHeartbeat?.();
      wakeAll();
    },
  };
}
