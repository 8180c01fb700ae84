/**
 * The board: one picture of all tenants for all watchers.
 *
 * Two sources feed it. PostgreSQL's view says who the tenants are, their caps and what the ledger holds; it is read whole
 * at the start, after each gap in the change feed and every few minutes, and by tenant when a notification names one. Every few
 * seconds only the figures that move with the calls are read.
 * The gateways' stream says what is committed and held this moment. Which of them is believed is decided in one place,
 * `sourceNow`, and when that changes every row is judged again.
 */
import type { BoardFrame, BoardRow, BoardSummary } from '../contract/board.ts';
import type { LinkState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import type { LiveFrame, LiveTenant } from '../infra/gateway-client/live-frame.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { Logger } from '../infra/logger.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import type { RefreshGate } from '../infra/refresh-gate.ts';
import { boardRow, sameRow, type Source } from './board-rows.ts';
import type { BoardRepository } from './board-repository.ts';
import { summarise } from './board-rules.ts';
import { createBoardWatchers } from './board-watchers.ts';
import { keptLive, newestAsOf, type KeptBoard } from './kept-board.ts';
import type { LedgerRow } from './ledger-row.ts';
import { createReloader } from './reloader.ts';

export interface BoardService {
  watch(signal?: AbortSignal): AsyncGenerator<BoardFrame, void, unknown>;
  /** The tenant changed through this console: read it now instead of when the notification comes. */
  refresh(tenantId: string): void;
  /** Shows what was kept, unless more is known. */
  restore(kept: KeptBoard): void;
  /** What is to be kept; `version` rises with each change of it, and is 0 until the platform told something. */
  toKeep(): KeptBoard;
  readonly version: number;
  /** Nothing of what was told may be shown any longer. */
  forget(): void;
  readonly watchers: number;
  close(): void;
}

export interface BoardSources {
  readonly repository: BoardRepository;
  readonly gateway: {
    readonly link: { get(): LinkState; subscribe(hear: () => void): () => void };
    onFrame(hear: (frame: LiveFrame) => void): () => void;
  };
  readonly changes: {
    readonly link: { get(): LinkState; subscribe(hear: () => void): () => void };
    onChange(hear: (change: PlatformChange) => void): () => void;
  };
  readonly gate: RefreshGate;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Reads of the figures while the gateways tell theirs; without them the ledger is all there is. */
const RELOAD_LIVE_MS = 15_000;
const RELOAD_LEDGER_MS = 5_000;
/** Whatever was not announced, or not heard, is seen after this. */
const WHOLE_EVERY_MS = 300_000;
/** A ledger read longer ago than this is not shown as if it were true. */
const LEDGER_GOOD_FOR_MS = 30_000;
/** A gateway silent for longer has figures that are missing from the sums; gone for long it is an operator's case. */
const GATEWAY_SILENT_MS = { from: 5_000, until: 60_000 };
const TICK_MS = 1_000;
/** Topics of `platform_changed` that the board shows. */
const TOPICS: ReadonlySet<string> = new Set(['caps', 'tenants', 'operators', 'plans']);

export function createBoardService(sources: BoardSources): BoardService {
  const { clock, gateway, changes, gate } = sources;
  const refreshed = gate.part();
  const ledger = new Map<string, LedgerRow>();
  const live = new Map<string, LiveTenant>();
  const rows = new Map<string, BoardRow>();
  let loadedAt: number | undefined;
  let wholeAt: number | undefined;
  let wholeWanted = true;
  let gatewaySilent = false;
  let shownSource: Source = 'unknown';
  let summary: BoardSummary | undefined;
  /** Something may be shown: it was read, or kept. */
  let known = false;
  /** When the gateways were heard last, by the platform's clock. */
  let heardAt: Date | null = null;
  let returns = 0;
  let version = 0;
  /** Platform's clock minus ours, from the newest answer of it. */
  let clockLead = 0;

  function platformNow(): Date {
    return new Date(clock.now().getTime() + clockLead);
  }

  const watchers = createBoardWatchers(
    {
      rows: () => (known ? rows : undefined),
      summary: () => (summary ??= summarise(rows.values())),
      platformNow,
      standing: () => ({ keptAsOf: shownSource === 'kept' ? newestAsOf(rows.values()) : null, returns }),
    },
    clock,
  );
  const reloader = createReloader({ clock, load, failed });

  async function load(tenantIds: readonly string[] | undefined): Promise<void> {
    const isWhole = tenantIds === undefined && wholeIsDue();
    // Before the read: what is announced while it runs is read once more.
    if (isWhole) wholeWanted = false;
    const readWhole = isWhole ? refreshed.begin() : undefined;
    const returnsBefore = gate.feed.get().returns;
    const found = await read(tenantIds, isWhole).catch((error: unknown) => {
      wholeWanted ||= isWhole;
      readWhole?.(error);
      throw error;
    });
    const foundIds = new Set(found.map((row) => row.tenantId));
    const asked = tenantIds ?? [...ledger.keys()];
    for (const row of found) ledger.set(row.tenantId, row);
    version += 1;
    for (const id of asked) if (!foundIds.has(id)) ledger.delete(id);
    if (tenantIds === undefined) loadedAt = clock.now().getTime();
    if (isWhole) {
      wholeAt = loadedAt;
      returns = returnsBefore;
      known = true;
    }
    const [first] = found;
    if (first) clockLead = first.at.getTime() - clock.now().getTime();
    const source = sourceNow();
    const touched = source === shownSource ? foundIds : ledger.keys();
    shownSource = source;
    judge(new Set([...asked, ...touched]));
    // Whoever waits for the first snapshot of an empty platform hears of no changed row.
    watchers.changed([]);
    readWhole?.();
  }

  function wholeIsDue(): boolean {
    return wholeWanted || wholeAt === undefined || clock.now().getTime() - wholeAt >= WHOLE_EVERY_MS;
  }

  async function read(tenantIds: readonly string[] | undefined, isWhole: boolean): Promise<LedgerRow[]> {
    if (tenantIds !== undefined || isWhole) return sources.repository.load(tenantIds);
    const at = platformNow();
    const figures = new Map((await sources.repository.figures()).map((row) => [row.tenantId, row]));
    return Array.from(ledger.values(), (row) => {
      const told = figures.get(row.tenantId);
      // Never used: nothing that could have moved.
      if (told === undefined) return { ...row, at };
      const { chargedNanoUsd, ...moved } = told;
      // A period that has only begun: its bounds are to be read.
      if (row.cap !== null && chargedNanoUsd === null) reloader.some(row.tenantId);
      // The tenant's day is its daily cap's period; where it has ended, the row is read anew (readWhatEnded).
      const dayCap = row.dayCap && {
        ...row.dayCap,
        chargedNanoUsd: moved.spentTodayNanoUsd ?? row.dayCap.chargedNanoUsd,
      };
      const cap = row.cap && { ...row.cap, chargedNanoUsd: chargedNanoUsd ?? row.cap.chargedNanoUsd };
      return { ...row, ...moved, at, cap, dayCap };
    });
  }

  function failed(error: unknown): void {
    // Being away is a state that the session tells; anything else is a defect.
    if (error instanceof OperatorError) return;
    sources.log.error('The board could not be read.', error);
  }

  /** Makes these rows again and tells the watchers which of them differ. */
  function judge(tenantIds: Iterable<string>): void {
    const changed: string[] = [];
    for (const id of tenantIds) {
      const row = ledger.get(id);
      const before = rows.get(id);
      if (row === undefined) {
        if (rows.delete(id)) changed.push(id);
        continue;
      }
      const told = live.get(id);
      const seen = shownSource === 'kept' ? keptLive(told, row, heardAt) : told;
      const now = boardRow(row, seen, shownSource, platformNow());
      if (before !== undefined && sameRow(before, now)) continue;
      rows.set(id, now);
      changed.push(id);
    }
    if (changed.length === 0) return;
    summary = undefined;
    watchers.changed(changed);
  }

  function sourceNow(): Source {
    if (gateway.link.get().state === 'live' && !gatewaySilent) return 'live';
    const young = loadedAt !== undefined && clock.now().getTime() - loadedAt <= LEDGER_GOOD_FOR_MS;
    if (young && changes.link.get().state !== 'away') return 'ledger';
    return known ? 'kept' : 'unknown';
  }

  function sourceMayHaveChanged(): void {
    const source = sourceNow();
    if (source === shownSource) return;
    shownSource = source;
    judge(ledger.keys());
    if (source === 'ledger') reloader.all();
  }

  function hearFrame(frame: LiveFrame): void {
    clockLead = frame.at.getTime() - clock.now().getTime();
    heardAt = frame.at;
    // Without Redis a gateway does not know what the others do, however long that lasts.
    const alone = !frame.stores.redis && frame.gateways.length > 1;
    gatewaySilent =
      alone ||
      frame.gateways.some(({ silentMs }) => silentMs > GATEWAY_SILENT_MS.from && silentMs < GATEWAY_SILENT_MS.until);
    const told = new Set(frame.tenants.map(({ id }) => id));
    const gone = frame.type === 'snapshot' ? [...live.keys()].filter((id) => !told.has(id)) : [];
    for (const id of gone) live.delete(id);
    for (const tenant of frame.tenants) live.set(tenant.id, tenant);
    if (told.size > 0) version += 1;
    sourceMayHaveChanged();
    judge([...told, ...gone]);
  }

  function hearChange(change: PlatformChange): void {
    if (change.kind === 'changed' && !TOPICS.has(change.topic)) return;
    if (change.kind === 'changed' && change.tenantId !== null) {
      reloader.some(change.tenantId);
      return;
    }
    wholeWanted = true;
    reloader.all();
  }

  function tick(): void {
    sourceMayHaveChanged();
    const every = shownSource === 'live' ? RELOAD_LIVE_MS : RELOAD_LEDGER_MS;
    readWhatEnded();
    const wanted = wholeWanted && changes.link.get().state === 'live';
    if (wanted || loadedAt === undefined || clock.now().getTime() - loadedAt >= every) reloader.all();
  }

  /** Nobody announces that a temporary raise or a period has ended: its end is known. */
  function readWhatEnded(): void {
    const now = platformNow();
    const ended: string[] = [];
    for (const { tenantId, cap, dayCap } of ledger.values()) {
      const ends = [cap?.periodEnd, cap?.override?.nextEnd, dayCap?.periodEnd, dayCap?.override?.nextEnd];
      if (ends.some((end) => end && end <= now)) ended.push(tenantId);
    }
    judge(ended);
    for (const tenantId of ended) reloader.some(tenantId);
  }

  const stops = [
    gateway.onFrame(hearFrame),
    gateway.link.subscribe(sourceMayHaveChanged),
    changes.link.subscribe(sourceMayHaveChanged),
    changes.onChange(hearChange),
    clock.every(TICK_MS, tick),
  ];
  return {
    watch: (signal) => watchers.watch(signal),
    refresh: (tenantId) => reloader.some(tenantId),
    restore(kept) {
      if (known) return;
      known = true;
      for (const row of kept.ledger) ledger.set(row.tenantId, row);
      if (heardAt === null) {
        for (const tenant of kept.live) live.set(tenant.id, tenant);
        ({ heardAt, leadMs: clockLead } = kept);
      }
      shownSource = sourceNow();
      judge(ledger.keys());
      watchers.changed([]);
    },
    toKeep: () => ({ ledger: [...ledger.values()], live: [...live.values()], heardAt, leadMs: clockLead }),
    get version() {
      return version;
    },
    forget() {
      const gone = [...rows.keys()];
      for (const map of [ledger, live, rows]) map.clear();
      [known, version, heardAt, wholeWanted] = [false, 0, null, true];
      loadedAt = wholeAt = summary = undefined;
      watchers.changed(gone);
    },
    get watchers() {
      return watchers.count;
    },
    close() {
      for (const stop of stops) stop();
      reloader.close();
      watchers.close();
    },
  };
}
