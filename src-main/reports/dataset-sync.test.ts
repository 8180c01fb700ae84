import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLink } from '../infra/link.ts';
import { createFakeCache } from '../testing/fake-cache.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { aTenantMonth } from '../testing/tenant-month.ts';
import { createDatasetSync, type DatasetSync } from './dataset-sync.ts';
import { createKeptReports } from './kept-reports.ts';
import type { ListedClient } from './reports-repository.ts';

const MINUTE = 60_000;
const ids = Array.from({ length: 12 }, () => randomUUID());
const client = (tenantId: string, change: Partial<ListedClient> = {}): ListedClient => ({
  tenantId,
  name: 'Client',
  slug: 'client',
  currency: 'INR',
  colour: '#0f766e',
  calls: 10,
  costNanoUsd: 1n,
  running: false,
  state: '1',
  ...change,
});

let lists: Map<string, ListedClient[]>;
let asked: string[][];
let most: number;
let sync: DatasetSync;
const clock = createFakeClock();
const log = createFakeLogger();
let link: ReturnType<typeof createLink>;
let kept: ReturnType<typeof createKeptReports>;

beforeEach(() => {
  lists = new Map([
    ['2026-11', ids.map((id) => client(id, { running: true }))],
    ['2026-10', [...ids.map((id) => client(id)), client(randomUUID(), { calls: null, costNanoUsd: null })]],
    ['2026-09', ids.map((id) => client(id))],
  ]);
  asked = [];
  most = 0;
  link = createLink(clock);
  kept = createKeptReports(createFakeCache());
  let open = 0;
  sync = createDatasetSync({
    repository: {
      months: async () => [
        { month: '2026-11', basis: 'running' },
        { month: '2026-10', basis: 'final' },
        { month: '2026-09', basis: 'final' },
      ],
      list: async (month) => ({ asOf: clock.now(), clients: lists.get(month) ?? [] }),
      async tenantMonths(tenantIds, month) {
        open += 1;
        most = Math.max(most, open);
        asked.push(tenantIds.map((id) => `${month} ${id}`));
        await Promise.resolve();
        open -= 1;
        const base = aTenantMonth();
        return tenantIds.map((id) => aTenantMonth({ month, asOf: clock.now(), tenant: { ...base.tenant, id } }));
      },
      recordExport: async () => undefined,
    },
    kept,
    database: link.feed,
    clock,
    log,
  });
});
afterEach(() => sync.close());

it('keeps the running month and the one before of every client that was used, a few at a time', async () => {
  await clock.advance(MINUTE);
  expect(asked, 'before the platform is there').toEqual([]);
  link.live();
  await clock.advance(MINUTE);
  expect(asked.flat().toSorted()).toEqual(
    ['2026-10', '2026-11'].flatMap((month) => ids.map((id) => `${month} ${id}`)).toSorted(),
  );
  expect(asked.every((batch) => batch.length <= 5)).toBe(true);
  expect(most).toBe(1);
  expect(kept.months()).toEqual(['2026-11', '2026-10']);
  expect(kept.ages('2026-10').size).toBe(12);
});

it('asks again only for what has changed, or is of the running month and old', async () => {
  link.live();
  await clock.advance(MINUTE);
  asked = [];
  await clock.advance(11 * MINUTE);
  expect(asked).toEqual([]);
  lists.set(
    '2026-10',
    ids.map((id, index) => client(id, index === 3 ? { state: '2' } : {})),
  );
  await clock.advance(10 * MINUTE);
  expect(asked).toEqual([[`2026-10 ${ids[3]}`]]);
  asked = [];
  await clock.advance(6 * 60 * MINUTE);
  expect(new Set(asked.flat().map((one) => one.slice(0, 7)))).toEqual(new Set(['2026-11']));
});

it('a month that has ended is read once more', async () => {
  link.live();
  await clock.advance(MINUTE);
  asked = [];
  lists.set(
    '2026-11',
    ids.map((id, index) => client(id, { running: index !== 0 })),
  );
  await clock.advance(11 * MINUTE);
  expect(asked).toEqual([[`2026-11 ${ids[0]}`]]);
});

it('stops when the platform goes, goes on when it is back; forgets who is no client any more', async () => {
  link.live();
  await clock.advance(2_500);
  link.away('gone');
  const before = asked.length;
  await clock.advance(30 * MINUTE);
  expect(asked).toHaveLength(before);
  lists.set('2026-11', lists.get('2026-11')!.slice(1));
  lists.set('2026-10', lists.get('2026-10')!.slice(1));
  link.live();
  await clock.advance(MINUTE);
  expect(kept.ages('2026-10').has(ids[0]!)).toBe(false);
  expect(kept.ages('2026-10').size).toBe(11);
  sync.close();
  expect(clock.timers).toBe(0);
  expect(log.lines).toEqual([]);
});
