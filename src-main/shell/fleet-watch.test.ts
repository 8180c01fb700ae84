import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AlertList } from '../contract/alerts.ts';
import type { BoardFrame } from '../contract/board.ts';
import type { ConsoleAccess } from '../contract/profiles.ts';
import type { Inbox } from '../contract/requests.ts';
import { createStateFeed, type WritableStateFeed } from '../infra/state-feed.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFleetWatch, type FleetNotice, type FleetWatch } from './fleet-watch.ts';

let clock: FakeClock;
let watch: FleetWatch;
let notices: FleetNotice[];
let access: WritableStateFeed<ConsoleAccess>;
let inbox: WritableStateFeed<Inbox>;
let alerts: WritableStateFeed<AlertList>;
let board: WritableStateFeed<BoardFrame>;

const asOf = new Date('2026-11-20T09:00:00Z');
const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const item = (n: number, whyNot: string | null = null): Inbox['items'][number] =>
  ({
    kind: 'request',
    id: id(n),
    tenantName: 'Clinic B',
    requestedBy: null,
    amountNanoUsd: 5_000_000_000n,
    reason: 'More patients',
    whyNot,
  }) as Inbox['items'][number];
const row = (n: number, attention: string): BoardFrame['rows'][number] =>
  ({ tenantId: id(n), attention }) as BoardFrame['rows'][number];
const frame = (rows: BoardFrame['rows'], part: Partial<BoardFrame> = {}): BoardFrame =>
  ({ kind: 'snapshot', rows, removed: [], keptAsOf: null, ...part }) as BoardFrame;
const locked = (workspace: number | null): ConsoleAccess => ({ workspace }) as ConsoleAccess;

beforeEach(async () => {
  clock = createFakeClock();
  notices = [];
  access = createStateFeed(locked(1));
  inbox = createStateFeed<Inbox>({ items: [item(1)], asOf });
  alerts = createStateFeed<AlertList>({ alerts: [], asOf });
  board = createStateFeed(frame([row(1, 'refusing'), row(2, 'near_cap'), row(3, 'normal')]));
  type To = { signal: AbortSignal };
  const client = {
    profiles: { watch: async (_: undefined, { signal }: To) => access.watch(signal) },
    requests: { watch: async (_: undefined, { signal }: To) => inbox.watch(signal) },
    alerts: { watch: async (_: undefined, { signal }: To) => alerts.watch(signal) },
    board: { watch: async (_: undefined, { signal }: To) => board.watch(signal) },
  };
  watch = createFleetWatch({
    client: client as unknown as Parameters<typeof createFleetWatch>[0]['client'],
    clock,
    onNotice: (notice) => notices.push(notice),
  });
  await settle();
});
afterEach(() => watch.close());

it('counts what the board and the inbox say, by their changes', async () => {
  expect(watch.standing.get()).toEqual({ state: 'open', refusing: 1, nearCap: 1, waiting: 1, alerts: 0 });
  board.set(frame([row(3, 'refusing')], { kind: 'changes', removed: [id(2)] }));
  await settle();
  expect(watch.standing.get()).toMatchObject({ refusing: 2, nearCap: 0 });
});

it('knows no count from figures that are old', async () => {
  board.set(frame([row(1, 'refusing')], { keptAsOf: asOf }));
  await settle();
  expect(watch.standing.get()).toMatchObject({ state: 'away', refusing: null, nearCap: null });
});

it('tells what is new once: not what was there, nor what this operator can’t decide', async () => {
  expect(notices).toEqual([]);
  inbox.set({ items: [item(1), item(2), item(3, 'You asked for it yourself.')], asOf });
  await settle();
  inbox.set({ items: [item(2), item(3)], asOf });
  await settle();
  expect(notices).toEqual([
    {
      id: id(2),
      title: 'Clinic B asks for $5.00 more',
      body: 'More patients',
      place: { kind: 'inbox', itemId: id(2) },
    },
  ]);
  const cap = { scope: 'tenant', period: 'month', workflowName: null, committedNanoUsd: 8n, inForceNanoUsd: 10n };
  const alert = {
    alertId: id(9),
    tenantName: 'Clinic B',
    timeZone: 'Asia/Kolkata',
    cap,
    threshold: 80,
    runsOutAt: null,
  };
  alerts.set({ alerts: [alert as AlertList['alerts'][number]], asOf });
  await settle();
  expect(notices[1]?.title).toBe('Clinic B passed 80 % of its cap');
});

it('knows and tells nothing while locked; what came meanwhile is no news afterwards', async () => {
  access.set(locked(null));
  await settle();
  expect(watch.standing.get()).toEqual({ state: 'locked', refusing: null, nearCap: null, waiting: null, alerts: null });
  inbox.set({ items: [item(1), item(2)], asOf });
  await settle();
  access.set(locked(2));
  await settle();
  expect([watch.standing.get().waiting, notices]).toEqual([2, []]);
});

it('asks again for a stream that ended, and leaves none behind', async () => {
  board.close();
  await settle();
  board = createStateFeed(frame([row(1, 'near_cap')]));
  await clock.advance(2_000);
  expect(watch.standing.get()).toMatchObject({ refusing: 0, nearCap: 1 });
  watch.close();
  await settle();
  expect([access, inbox, alerts, board].map(({ listeners }) => listeners)).toEqual([0, 0, 0, 0]);
  expect(clock.timers).toBe(0);
});
