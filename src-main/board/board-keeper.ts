import type { Clock } from '../infra/clock.ts';
import { obeyAccess, type Keeping } from '../infra/keeping.ts';
import type { BoardService } from './board-service.ts';
import { KEPT_BOARD, THE_BOARD } from './kept-board.ts';

export interface BoardKeeperOptions {
  readonly board: Pick<BoardService, 'restore' | 'toKeep' | 'version' | 'forget'>;
  readonly keeping: Keeping;
  readonly clock: Clock;
}

/** A change is kept after this at the latest. */
const KEEP_MS = 10_000;
/** When nothing changed, only the instants that vouch for it did. */
const VOUCH_MS = 60_000;

/**
 * Keeps the board's last state, and shows it again where the platform is away. While nothing changes
 * only the instants are, once a minute.
 */
export function createBoardKeeper({ board, keeping, clock }: BoardKeeperOptions): { close(): void } {
  const { cache, access } = keeping;
  let keptVersion = 0;
  let keptAt = Number.NEGATIVE_INFINITY;
  let keptAsOf = 0;

  function keep(): void {
    const now = clock.now().getTime();
    const { version } = board;
    if (version === 0 || (version === keptVersion && now - keptAt < VOUCH_MS)) return;
    const value = board.toKeep();
    const told = [value.heardAt, ...value.ledger.map(({ at }) => at)].filter((at) => at !== null);
    const asOf = new Date(told.reduce((newest, at) => Math.max(newest, at.getTime()), 0));
    if (version !== keptVersion || asOf.getTime() !== keptAsOf) cache.write(KEPT_BOARD, THE_BOARD, { value, asOf });
    [keptVersion, keptAt, keptAsOf] = [version, now, asOf.getTime()];
  }

  function restore(): void {
    const kept = cache.read(KEPT_BOARD, THE_BOARD);
    if (kept) board.restore(kept.value);
  }

  const stops = [obeyAccess(access, restore, () => board.forget()), clock.every(KEEP_MS, keep)];
  return {
    close() {
      for (const stop of stops) stop();
      keptAt = Number.NEGATIVE_INFINITY;
      keep();
    },
  };
}
