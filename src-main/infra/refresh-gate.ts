import type { LinkState } from '../contract/session.ts';
import { OperatorError } from './operator-error.ts';
import { createStateFeed, type StateFeed } from './state-feed.ts';

/**
 * Between the database's return and the first change made through this console lies a read of everything the operator acts on.
 *
 *   open ── database away ──▶ away ── back ──▶ refreshing ── each part was read since ──▶ open
 *
 * Before the first contact it is open: then the database itself decides.
 */
export interface RefreshGate {
  readonly feed: StateFeed<RefreshState>;
  /**
   * A part of what is shown. `wanted`: somebody looks at it; others need not wait for it. Its `begin` is called when a read of all of
   * it starts, and what that answers when the read ended, with its failure if there was one.
   */
  part(wanted?: () => boolean): { begin(): (failure?: unknown) => void };
  /** Throws OperatorError UNAVAILABLE unless the gate is open. */
  refuseUnlessOpen(): void;
  close(): void;
}

export interface RefreshState {
  /** How often the database came (back) since this console started. */
  readonly returns: number;
  /** False: away, or what is shown was read before the return. */
  readonly open: boolean;
}

const AWAY =
  'The database does not answer, so nothing was changed, and nothing waits to be. Try again when it is back.';
const REFRESHING =
  'The database is just back and what you see is being read again. Nothing was changed; try again in a moment.';

interface Part {
  readonly wanted: () => boolean;
  readAt: number;
}

export function createRefreshGate(database: StateFeed<LinkState>): RefreshGate {
  const feed = createStateFeed<RefreshState>({ returns: 0, open: true });
  const parts = new Set<Part>();
  let state = database.get().state;
  let wasAway = state === 'away';

  function judge(): void {
    const { returns, open } = feed.get();
    const fresh = [...parts].every(({ readAt, wanted }) => readAt >= returns || !wanted());
    const next = state !== 'away' && (!wasAway || (state === 'live' && fresh));
    if (next && state === 'live') wasAway = false;
    if (next !== open) feed.set({ returns, open: next });
  }

  const stop = database.subscribe((link) => {
    if (link.state === state) return;
    state = link.state;
    if (state === 'away') wasAway = true;
    if (state === 'live') feed.set({ ...feed.get(), returns: feed.get().returns + 1 });
    judge();
  });
  return {
    feed,
    part(wanted = () => true) {
      const part: Part = { wanted, readAt: 0 };
      parts.add(part);
      return {
        begin() {
          const { returns } = feed.get();
          return (failure) => {
            // A refusal and a defect are answers too, and no reason to lock every button.
            if (failure instanceof OperatorError && failure.code === 'UNAVAILABLE') return;
            part.readAt = Math.max(part.readAt, returns);
            judge();
          };
        },
      };
    },
    refuseUnlessOpen() {
      if (!feed.get().open) throw new OperatorError('UNAVAILABLE', state === 'away' ? AWAY : REFRESHING);
    },
    close() {
      stop();
      feed.close();
    },
  };
}
