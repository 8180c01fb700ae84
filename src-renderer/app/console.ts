import { QueryClient } from '@tanstack/react-query';
import type { Inbox } from '../../src-main/contract/requests.ts';
import type { AlertList } from '../../src-main/contract/alerts.ts';
import type { AuditCheck, AuditExport, AuditMemory } from '../../src-main/contract/audit.ts';
import type { OrphanedGrant } from '../../src-main/contract/grants.ts';
import type { IsolationProgress } from '../../src-main/contract/isolation.ts';
import type { MarginColumn } from '../../src-main/contract/margins.ts';
import type { ReportExport } from '../../src-main/contract/reports.ts';
import type { ConsoleAccess } from '../../src-main/contract/profiles.ts';
import type { ShellState } from '../../src-main/contract/shell.ts';
import type { SessionState } from '../../src-main/contract/session.ts';
import { createBoardStore, type BoardStore } from '../board/board-store.ts';
import { createCapChanges, type CapChanges } from '../caps/cap-changes.ts';
import { createGrantReleases, type GrantReleases } from '../grants/grant-releases.ts';
import { createDecisions, type Decisions } from '../requests/decisions.ts';
import { boardMargins, type BoardMargins } from '../margins/board-margin.tsx';
import { marginPermission } from '../margins/margin-words.ts';
import { createLiveValue, type LiveValue, type SettableLiveValue } from '../ui/live-value.ts';
import { createLongWork, type LongWork } from '../ui/long-work.ts';
import type { Connection, ConsoleClient, LineState } from './connect.ts';
import { follow } from './follow.ts';

/** Everything the screens of one window share; made once in main.tsx and handed down. */
export interface Console {
  client: ConsoleClient;
  queries: QueryClient;
  line: LiveValue<LineState>;
  session: LiveValue<SessionState | null>;
  /** The lock, the vault and the profiles; null before the main side told. */
  access: LiveValue<ConsoleAccess | null>;
  board: BoardStore;
  capChanges: CapChanges;
  /** What silent gateways hold; empty also before the database answered. */
  orphaned: LiveValue<readonly OrphanedGrant[]>;
  grantReleases: GrantReleases;
  /** What waits for a decision; null before the main side told. */
  inbox: LiveValue<Inbox | null>;
  /** Caps that passed a threshold or will not last; null: not heard yet. */
  alerts: LiveValue<AlertList | null>;
  decisions: Decisions;
  /** What main remembers of the audit log; null before it told. */
  auditMemory: LiveValue<AuditMemory | null>;
  auditCheck: LongWork<AuditCheck>;
  auditExport: LongWork<AuditExport>;
  isolationCheck: LongWork<IsolationProgress>;
  reportExport: LongWork<ReportExport>;
  /** Forecasts of the clients' margins, for the board. */
  margins: LiveValue<BoardMargins>;
  /** The client under the operator's hand. */
  cursor: SettableLiveValue<string | null>;
  /** The client that is about to be suspended or resumed, once that was confirmed. */
  statusAsked: SettableLiveValue<string | null>;
  /** The dialog for a new client is open. */
  newClient: SettableLiveValue<boolean>;
  /** The program around the window; null before it told. */
  shell: LiveValue<ShellState | null>;
  /** The words of the first start are shown. */
  welcome: SettableLiveValue<boolean>;
  /** Something was changed from here that audit log and panels show: they read it again. */
  changed: () => void;
  /** An idempotency key. */
  newKey: () => string;
  nowMs: () => number;
  /** Now by the platform's clock, as the board's last frame told it; by this machine's before one came. */
  platformNow: () => Date;
}

export interface ConsoleOptions {
  connection: Connection;
  access: LiveValue<ConsoleAccess | null>;
  newKey: () => string;
  /** Monotonic, in ms. */
  nowMs: () => number;
  signal: AbortSignal;
}

/** Opens the live streams and keeps what they tell. */
export function createWindowConsole({ connection, access, newKey, nowMs, signal }: ConsoleOptions): Console {
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

  const inbox = createLiveValue<Inbox | null>(null);
  const decisions = createDecisions({
    calls: {
      decide: (input) => client.requests.decide(input),
      decideRaise: (input) => client.requests.decideRaise(input),
    },
    newKey,
    onDone: changed,
  });
  void follow((options) => client.requests.watch(undefined, options), inbox.set, { signal });
  const alerts = createLiveValue<AlertList | null>(null);
  void follow((options) => client.alerts.watch(undefined, options), alerts.set, { signal });
  const auditMemory = createLiveValue<AuditMemory | null>(null);

  const auditExport = createLongWork<AuditExport>();
  auditExport.state.subscribe(() => {
    if (auditExport.state.get().kind === 'done') changed();
  });

  const reportExport = createLongWork<ReportExport>();
  reportExport.state.subscribe(() => {
    if (['done', 'cancelled'].includes(reportExport.state.get().kind)) changed();
  });

  let capChangesSeen = 0;
  board.data.subscribe(() => {
    const seen = board.data.get()?.capChanges ?? 0;
    if (seen !== capChangesSeen) changed();
    capChangesSeen = seen;
  });

  void follow((options) => client.session.watch(undefined, options), session.set, { signal });
  // Its beats are heard by the line, which gives up when they stay away.
  void follow(
    (options) => client.session.pulse(undefined, options),
    () => undefined,
    { signal },
  );
  void follow((options) => client.board.watch(undefined, options), board.apply, { signal });

  void follow((options) => client.audit.memory(undefined, options), auditMemory.set, { signal });
  const margins = createLiveValue<BoardMargins>(null);
  // Who sees no margins does not ask for them, and reads why.
  const stopWaiting = session.subscribe(() => {
    const operator = session.get()?.operator ?? null;
    if (operator === null) return;
    stopWaiting();
    const { see } = marginPermission(operator, null);
    if (see !== null) margins.set(see);
    else {
      const hear = (column: MarginColumn): void => margins.set(boardMargins(margins.get(), column));
      void follow((options) => client.margins.watchColumn(undefined, options), hear, { signal });
    }
  });

  void follow(
    (options) => client.grants.watchOrphaned(undefined, options),
    ({ grants }) => orphaned.set(grants),
    { signal },
  );

  const shell = createLiveValue<ShellState | null>(null);
  void follow((options) => client.shell.watch(undefined, options), shell.set, { signal });

  const welcome = createLiveValue(false);
  // Without an answer there are no words: they are no reason to ask again.
  void client.welcome.state().then(
    ({ seen }) => welcome.set(!seen),
    () => undefined,
  );

  return {
    client,
    queries,
    line,
    session,
    access,
    board,
    capChanges,
    orphaned,
    grantReleases,
    inbox,
    alerts,
    decisions,
    auditMemory,
    auditCheck: createLongWork<AuditCheck>(),
    auditExport,
    isolationCheck: createLongWork<IsolationProgress>(),
    reportExport,
    margins,
    cursor: createLiveValue<string | null>(null),
    statusAsked: createLiveValue<string | null>(null),
    newClient: createLiveValue(false),
    shell,
    welcome,
    changed,
    newKey,
    nowMs,
    platformNow() {
      const data = board.data.get();
      return data === null ? new Date() : new Date(data.at.getTime() + nowMs() - data.receivedMs);
    },
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
