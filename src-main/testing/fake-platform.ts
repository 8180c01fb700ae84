import type { LedgerRow } from '../board/ledger-row.ts';
import type { BoardRepository } from '../board/board-repository.ts';
import type { LinkState } from '../contract/session.ts';
import type { LiveFrame, LiveTenant } from '../infra/gateway-client/live-frame.ts';
import { createRefreshGate } from '../infra/refresh-gate.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { fakeId } from './fake-tenants.ts';

/** A database and a gateway that say what the test lets them say. */
export function createFakePlatform(now: () => Date) {
  const ledger = new Map<string, LedgerRow>();
  const changeHearers = new Set<(change: PlatformChange) => void>();
  const frameHearers = new Set<(frame: LiveFrame) => void>();
  const link = createStateFeed<LinkState>({ state: 'connecting', since: now(), reason: null });
  const database = createStateFeed<LinkState>({ state: 'connecting', since: now(), reason: null });
  const loads: (readonly string[] | undefined)[] = [];
  const figures = { count: 0, begun: new Set<string>() };
  const faults: { load: Error | undefined } = { load: undefined };
  const repository: BoardRepository = {
    async load(tenantIds) {
      loads.push(tenantIds);
      if (faults.load) throw faults.load;
      return [...ledger.values()]
        .filter(({ tenantId }) => tenantIds === undefined || tenantIds.includes(tenantId))
        .map((row) => Object.assign({}, row, { at: now() }));
    },
    async figures() {
      figures.count += 1;
      if (faults.load) throw faults.load;
      return Array.from(ledger.values(), (row) => ({
        ...row,
        chargedNanoUsd: figures.begun.has(row.tenantId) ? null : (row.cap?.chargedNanoUsd ?? null),
      }));
    },
  };
  function frame(
    type: LiveFrame['type'],
    tenants: LiveTenant[],
    gateways: LiveFrame['gateways'] = [],
    stores: LiveFrame['stores'] = { postgres: true, redis: true },
    providersAway: LiveFrame['providersAway'] = [],
  ): void {
    for (const hear of frameHearers) hear({ type, at: now(), gateways, stores, providersAway, tenants });
  }
  return {
    ledger,
    /** Every call of `load`, with the ids asked for. */
    loads,
    /** How often the figures alone were read, and of whom a new period has begun. */
    figures,
    faults,
    repository,
    changes: {
      link: database,
      onChange(hear: (change: PlatformChange) => void) {
        changeHearers.add(hear);
        return () => changeHearers.delete(hear);
      },
    },
    gate: createRefreshGate(database),
    gateway: {
      link,
      onFrame(hear: (frame: LiveFrame) => void) {
        frameHearers.add(hear);
        return () => frameHearers.delete(hear);
      },
    },
    /** How the database is; it starts as connecting. */
    database(state: LinkState['state']): void {
      database.set({ state, since: now(), reason: state === 'away' ? 'The database does not answer.' : null });
    },
    notify(change: PlatformChange): void {
      for (const hear of changeHearers) hear(change);
    },
    frame,
    /** How many hear the frames: 0 when everybody left. */
    get hearers() {
      return frameHearers.size;
    },
    /** The gateway sends its first snapshot and counts as live. */
    live(tenants: LiveTenant[]): void {
      frame('snapshot', tenants);
      link.set({ state: 'live', since: now(), reason: null });
    },
    away(): void {
      link.set({ state: 'away', since: now(), reason: 'No gateway sends live figures.' });
    },
  };
}

const USD = 1_000_000_000n;

/** The ledger's row of the n-th pretend tenant: cap 100 USD, 40 USD charged, 1 USD a day. */
export function fakeLedgerRow(index: number, over: Partial<LedgerRow> = {}): LedgerRow {
  return {
    tenantId: fakeId(1, index),
    slug: `tenant-${index}`,
    name: `Tenant ${index}`,
    plan: 'pro',
    currency: 'INR',
    timeZone: 'Asia/Kolkata',
    status: 'active',
    cap: {
      capId: fakeId(2, index),
      version: 1,
      limitNanoUsd: 100n * USD,
      override: null,
      periodStart: new Date('2026-10-31T18:30:00Z'),
      periodEnd: new Date('2026-11-30T18:30:00Z'),
      thresholds: [50, 80, 95, 100],
      chargedNanoUsd: 40n * USD,
      opened: true,
    },
    dayCap: null,
    burnNanoUsdPerDay: USD,
    spentTodayNanoUsd: 2n * USD,
    callsToday: 400,
    failedToday: 4,
    p95TodayMs: 1_800,
    refusedLastHour: 0,
    at: new Date('2026-11-20T09:00:00Z'),
    ...over,
  };
}

/** The gateways' word on the n-th pretend tenant: 41 USD committed, 1 USD held. */
export function fakeLiveTenant(index: number, at: Date, over: Partial<LiveTenant['caps'][number]> = {}): LiveTenant {
  return {
    id: fakeId(1, index),
    at,
    caps: [
      {
        capId: fakeId(2, index),
        scope: 'tenant',
        period: 'month',
        periodStart: new Date('2026-10-31T18:30:00Z'),
        periodEnd: new Date('2026-11-30T18:30:00Z'),
        committed: 41n * USD,
        held: USD,
        ...over,
      },
    ],
    callsLastMinute: 6,
    failedLastMinute: 1,
    refusedLastHour: 0,
    refusingSince: null,
    refusingCapId: null,
  };
}
