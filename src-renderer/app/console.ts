import { QueryClient } from '@tanstack/react-query';
import type { OrphanedGrant } from '../../src-main/contract/grants.ts';
import type { SessionState } from '../../src-main/contract/session.ts';
import { createBoardStore, type BoardStore } from '../board/board-store.ts';
import { createCapChanges, type CapChanges } from '../caps/cap-changes.ts';
import { createGrantReleases, type GrantReleases } from '../grants/grant-releases.ts';
import { createLiveValue, type LiveValue, type SettableLiveValue } from '../ui/live-value.ts';
import type { Connection, ConsoleClient, LineState } from './connect.ts';
import { follow } from './follow.ts';

/** Everything the screens of one window share; made once in main.tsx and handed down. */
export interface Console {
  client: ConsoleClient;
  queries: QueryClient;
  line: LiveValue<LineState>;
  session: LiveValue<SessionState | null>;
  board: BoardStore;
  capChanges: CapChanges;
  /** What silent gateways hold; empty also before the database answered. */
  orphaned: LiveValue<readonly OrphanedGrant[]>;
  grantReleases: GrantReleases;
  /** The client under the operator's hand. */
  cursor: SettableLiveValue<string | null>;
  /** The client that is about to be suspended or resumed, once that was confirmed. */
  statusAsked: SettableLiveValue<string | null>;
  /** The dialog for a new client is open. */
  newClient: SettableLiveValue<boolean>;
  /** Something was changed from here that audit log and panels show: they read it again. */
  changed: () => void;
  /** An idempotency key. */
  newKey: () => string;
  nowMs: () => number;
}

export interface ConsoleOptions {
  connection: Connection;
  newKey: () => string;
  /** Monotonic, in ms. */
  nowMs: () => number;
  signal: AbortSignal;
}

/** Opens the live streams and keeps what they tell. */
export function createWindowConsole({ connection, newKey, nowMs, signal }: ConsoleOptions): Console {
  const { client, line } = connection;
  const session = createLiveValue<SessionState | null>(null);
  const board = createBoardStore(nowMs);
  const queries = createQueryClient();

  const changed = (): void => {
    void queries.invalidateQueries({ queryKey: ['audit'] });
    void queries.invalidateQueries({ queryKey: ['tenants'] });
  };

  const capChanges = createCapChanges({
    calls: {
      change: (input) => client.caps.change(input),
      undo: (input) => client.caps.undo(input),
      addOverride: (input) => client.caps.addOverride(input),
      removeOverride: (input) => client.caps.removeOverride(input),
    },
    newKey,
    nowMs,
    onDone: (result) => {
      board.applyCap(result);
      changed();
    },
    onConflict: ({ tenantId, capId }, { version, limitNanoUsd, overrideNanoUsd }) => {
      board.applyCap({ tenantId, capId, version, limitNanoUsd, overrideNanoUsd });
    },
  });

  const orphaned = createLiveValue<readonly OrphanedGrant[]>([]);
  const grantReleases = createGrantReleases({
    send: (input) => client.grants.release(input),
    newKey,
    onDone: changed,
  });

  let capChangesSeen = 0;
  board.data.subscribe(() => {
    const seen = board.data.get()?.capChanges ?? 0;
    if (seen !== capChangesSeen) changed();
    capChangesSeen = seen;
  });

  void follow((options) => client.session.watch(undefined, options), session.set, { signal });
  void follow((options) => client.board.watch(undefined, options), board.apply, { signal });

  void follow(
    (options) => client.grants.watchOrphaned(undefined, options),
    ({ grants }) => orphaned.set(grants),
    { signal },
  );

  return {
    client,
    queries,
    line,
    session,
    board,
    capChanges,
    orphaned,
    grantReleases,
    cursor: createLiveValue<string | null>(null),
    statusAsked: createLiveValue<string | null>(null),
    newClient: createLiveValue(false),
    changed,
    newKey,
    nowMs,
  };
}

/** Calls are made whatever the browser thinks of the network, and what changes something is never sent twice unasked. */
function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', retry: 1, retryDelay: 500, refetchOnWindowFocus: true },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
