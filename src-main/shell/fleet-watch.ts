/**
 * How the fleet stands and what is new in it, for what a shell shows outside the window: tray, badge, notifications. It asks the console
 * through the contract, like the window; while the console is locked it knows nothing.
 *
 *   another workspace ──▶ its streams are opened; the first picture of each is where "new" begins
 *   locked, closed    ──▶ streams end, nothing is known, nothing is notified
 */
import type { ContractRouterClient } from '@orpc/contract';
import type { AlertList } from '../contract/alerts.ts';
import type { Attention, BoardFrame } from '../contract/board.ts';
import type { Contract } from '../contract/contract.ts';
import type { Inbox } from '../contract/requests.ts';
import type { WantedPlace } from '../contract/shell.ts';
import type { Clock } from '../infra/clock.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';
import { alertWords, requestWords, type NoticeWords } from './fleet-words.ts';

export interface FleetStanding {
  /** away: the figures are old ones, or were not told yet. */
  readonly state: 'locked' | 'away' | 'open';
  /** Clients whose calls are refused, and those near their cap; null: unknown. */
  readonly refusing: number | null;
  readonly nearCap: number | null;
  /** Requests that wait, and open alerts; null: unknown. */
  readonly waiting: number | null;
  readonly alerts: number | null;
}

/** Something that is new, to be said once. */
export interface FleetNotice extends NoticeWords {
  readonly id: string;
  /** Where a click on it leads. */
  readonly place: WantedPlace;
}

export interface FleetWatch {
  readonly standing: StateFeed<FleetStanding>;
  close(): void;
}

export interface FleetWatchOptions {
  readonly client: ContractRouterClient<Contract>;
  readonly clock: Clock;
  readonly onNotice: (notice: FleetNotice) => void;
}

/** A stream that ended by itself is asked for again after so long. */
const PAUSE_MS = 2_000;

const UNKNOWN = { refusing: null, nearCap: null, waiting: null, alerts: null };

export function createFleetWatch({ client, clock, onNotice }: FleetWatchOptions): FleetWatch {
  const standing = createStateFeed<FleetStanding>({ state: 'away', ...UNKNOWN });
  const over = new AbortController();
  let workspace: { readonly number: number | null; readonly end: AbortController } | undefined;

  function set(part: Partial<FleetStanding>): void {
    const before = standing.get();
    const next = { ...before, ...part };
    if (Object.entries(next).some(([name, value]) => Reflect.get(before, name) !== value)) standing.set(next);
  }

  function open(number: number | null): void {
    if (workspace?.number === number) return;
    workspace?.end.abort();
    const end = new AbortController();
    workspace = { number, end };
    set({ state: number === null ? 'locked' : 'away', ...UNKNOWN });
    if (number === null) return;
    const { signal } = end;
    const attention = new Map<string, Attention>();
    follow(
      (to) => client.board.watch(undefined, to),
      (frame) => set(readBoard(attention, frame)),
      signal,
    );
    const newRequests = newcomers<Inbox['items'][number]>((item) => item.id);
    follow(
      (to) => client.requests.watch(undefined, to),
      ({ items, asOf }) => {
        if (asOf === null) return;
        set({ waiting: items.length });
        for (const item of newRequests(items)) {
          // Who can't decide it is not called to it.
          if (item.whyNot === null) notify(item.id, requestWords(item));
        }
      },
      signal,
    );
    const newAlerts = newcomers<AlertList['alerts'][number]>((alert) => alert.alertId);
    follow(
      (to) => client.alerts.watch(undefined, to),
      ({ alerts, asOf }) => {
        if (asOf === null) return;
        set({ alerts: alerts.length });
        for (const alert of newAlerts(alerts)) notify(alert.alertId, alertWords(alert));
      },
      signal,
    );
  }
  function notify(id: string, words: NoticeWords): void {
    onNotice({ id, ...words, place: { kind: 'inbox', itemId: id } });
  }

  /** Hears a stream until `signal`, also when it ends or is refused meanwhile. */
  function follow<T>(
    watch: (options: { signal: AbortSignal }) => Promise<AsyncIterable<T>>,
    hear: (value: T) => void,
    signal: AbortSignal,
  ): void {
    const again = (): void => {
      if (signal.aborted) return;
      const stop = clock.after(PAUSE_MS, () => follow(watch, hear, signal));
      signal.addEventListener('abort', stop, { once: true });
    };
    void (async () => {
      for await (const value of await watch({ signal })) if (!signal.aborted) hear(value);
    })().then(again, again);
  }

  follow(
    (to) => client.profiles.watch(undefined, to),
    (access) => open(access.workspace),
    over.signal,
  );
  return {
    standing,
    close() {
      over.abort();
      workspace?.end.abort();
      standing.close();
    },
  };
}

/** Keeps what each client needs; counts are of the whole fleet. */
function readBoard(
  attention: Map<string, Attention>,
  { kind, rows, removed, keptAsOf }: BoardFrame,
): Partial<FleetStanding> {
  if (kind === 'snapshot') attention.clear();
  for (const row of rows) attention.set(row.tenantId, row.attention);
  for (const id of removed) attention.delete(id);
  if (keptAsOf !== null) return { state: 'away', refusing: null, nearCap: null };
  const count = (wanted: Attention): number => [...attention.values()].filter((one) => one === wanted).length;
  return { state: 'open', refusing: count('refusing'), nearCap: count('near_cap') };
}

/** Those of each picture that were in none before it; of the first, none. */
function newcomers<T>(idOf: (item: T) => string): (items: readonly T[]) => T[] {
  let known: Set<string> | null = null;
  return (items) => {
    const before = known;
    known = new Set(items.map(idOf));
    return before === null ? [] : items.filter((item) => !before.has(idOf(item)));
  };
}
