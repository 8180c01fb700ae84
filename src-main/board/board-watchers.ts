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
  /** What each frame says of all rows. */
  standing(): Pick<BoardFrame, 'keptAsOf' | 'returns'>;
}

export interface BoardWatchers {
  watch(signal?: AbortSignal): AsyncGenerator<BoardFrame, void, unknown>;
  /** The rows of these tenants changed, came or went. */
  changed(tenantIds: Iterable<string>): void;
  readonly count: number;
  close(): void;
}

interface Watcher {
  wake: () => void;
  readonly changed: Set<string>;
  /** A frame may be sent: set at each beat of all watchers, taken back by the frame. */
  due: boolean;
}

/**
 * One beat for all watchers sets the pace: at once after a quiet time, else a frame's time after the last beat, and a
 * second after it when nothing changed.
 */
export function createBoardWatchers(board: Watched, clock: Clock): BoardWatchers {
  const watchers = new Set<Watcher>();
  let closed = false;
  let lastBeat = 0;
  let hurrying = false;
  let cancelBeat = (): void => undefined;

  function beat(): void {
    lastBeat = clock.now().getTime();
    nextBeat(HEARTBEAT_MS, false);
    for (const watcher of watchers) {
      watcher.due = true;
      watcher.wake();
    }
  }

  function nextBeat(inMs: number, hurry: boolean): void {
    cancelBeat();
    hurrying = hurry;
    cancelBeat = watchers.size > 0 && !closed ? clock.after(inMs, beat) : () => undefined;
  }

  function beatSoon(): void {
    if (!hurrying) nextBeat(Math.max(0, lastBeat + FRAME_MS - clock.now().getTime()), true);
  }

  function join(watcher: Watcher): () => void {
    watchers.add(watcher);
    if (watchers.size === 1) nextBeat(HEARTBEAT_MS, false);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) nextBeat(HEARTBEAT_MS, false);
    };
  }

  return {
    watch(signal) {
      const watcher = { changed: new Set<string>(), due: true, wake: (): void => undefined };
      let begun = false;

      function take(): BoardFrame | undefined {
        const rows = board.rows();
        if (rows === undefined || !watcher.due) return undefined;
        const ids = [...watcher.changed];
        watcher.changed.clear();
        watcher.due = false;
        const frame = { at: board.platformNow(), summary: board.summary(), ...board.standing() };
        if (!begun) {
          begun = true;
          return { ...frame, kind: 'snapshot', rows: [...rows.values()], removed: [] };
        }
        return {
          ...frame,
          kind: 'changes',
          rows: ids.flatMap((id) => rows.get(id) ?? []),
          removed: ids.filter((id) => !rows.has(id)),
        };
      }

      function start(wake: () => void): () => void {
        watcher.wake = wake;
        return join(watcher);
      }

      return streamState({ start, take, ended: () => closed }, signal);
    },
    changed(tenantIds) {
      if (watchers.size === 0) return;
      const ids = [...tenantIds];
      for (const watcher of watchers) for (const id of ids) watcher.changed.add(id);
      beatSoon();
    },
    get count() {
      return watchers.size;
    },
    close() {
      closed = true;
      beat();
    },
  };
}
