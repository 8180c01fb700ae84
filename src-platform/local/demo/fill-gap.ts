/**
 * What happened while the platform was switched off: nothing, in truth. So that burn rates and charts are not empty after a pause, each start
 * invents calls from the last recorded one until now, at history's own pace but at most `MOST_ROWS`, and never more than fits under
 * a tenant's caps in their present periods.
 */
import type { Client } from 'pg';
import { tenantId } from '../register-platform.ts';
import type { DemoTenant } from './demo-tenant.ts';
import { historyRows, type HistoryRow, type PricesByModel } from './history-rows.ts';
import { DAY_MS } from './zone-clock.ts';

export interface GapOptions {
  /** Connection of the owner. */
  readonly owner: Client;
  readonly tenants: readonly DemoTenant[];
  readonly prices: PricesByModel;
  readonly now: number;
  readonly ingest: (rows: readonly HistoryRow[]) => Promise<number>;
}

interface Room {
  /** Begin of the present period, milliseconds since the epoch. */
  readonly periodStart: number;
  /** What may still be spent in it, nano-USD; null: no cap. */
  readonly remaining: number | null;
}

const LEAST_GAP_MS = 30 * 60_000;
const LONGEST_GAP_MS = 300 * DAY_MS;
const MOST_ROWS = 4_000;
/** The pace at the end of the history, over the dozen. */
const ROWS_A_DAY = 360;
const BATCH = 2_000;
/** Of what remains under a cap: live calls want some of it too. */
const SHARE_OF_ROOM = 0.5;

/** Fills the gap since the last record; answers how many rows were new. */
export async function fillGap(options: GapOptions): Promise<number> {
  const { owner, tenants, prices, now } = options;
  const recorded = await lastRecorded(owner);
  if (recorded === undefined) return 0;
  const last = Math.max(recorded, now - LONGEST_GAP_MS);
  if (now - last < LEAST_GAP_MS || tenants.length === 0) return 0;
  const rows = Math.min(MOST_ROWS, (ROWS_A_DAY * (now - last)) / DAY_MS);
  const weights = tenants.reduce((sum, { weight }) => sum + weight, 0);
  const months = await readRooms(owner, tenants, 'month', now);
  const days = await readRooms(owner, tenants, 'day', now);
  const invented = tenants.flatMap((tenant) => {
    const share = (rows * tenant.weight) / weights;
    const stretch = { tenant, from: last, until: now, rows: share, name: `gap ${last}` };
    const inMonth = withinRoom([...historyRows(stretch, prices)], months.get(tenant.slug), SHARE_OF_ROOM);
    return withinRoom(inMonth, days.get(tenant.slug), SHARE_OF_ROOM);
  });
  let entered = 0;
  for (let from = 0; from < invented.length; from += BATCH) {
    entered += await options.ingest(invented.slice(from, from + BATCH));
  }
  return entered;
}

/** The rows that fit under the cap; those of earlier periods always do. */
export function withinRoom(rows: readonly HistoryRow[], room: Room | undefined, share: number): HistoryRow[] {
  if (!room || room.remaining === null) return [...rows];
  let left = room.remaining * share;
  return rows.filter((row) => {
    if (Date.parse(row.occurred_at) < room.periodStart) return true;
    if (row.cost_nanousd > left) return false;
    left -= row.cost_nanousd;
    return true;
  });
}

async function lastRecorded(owner: Client): Promise<number | undefined> {
  const found = await owner.query<{ last: Date | null }>(
    `select max(bucket) + interval '15 minutes' as last from platform.usage_15min`,
  );
  return found.rows[0]?.last?.getTime();
}

/** What each tenant may still spend in its present month or day. Of a period that nobody opened yet the ledger knows what is spent. */
export async function readRooms(
  owner: Client,
  tenants: readonly DemoTenant[],
  period: 'month' | 'day',
  now: number,
): Promise<Map<string, Room>> {
  const found = await owner.query<{ slug: string; period_start: Date; remaining: string | null }>(
    `select t.slug, b.period_start, c.limit_nanousd - coalesce(p.granted_nanousd, (
         select coalesce(sum(u.cost_nanousd), 0) from platform.usage_records u
         where u.tenant_id = t.id and u.occurred_at >= b.period_start)) as remaining
     from platform.tenants t
     cross join lateral platform.period_bounds($3, t.time_zone, t.anchor_day, $2) b
     left join platform.caps c on c.tenant_id = t.id and c.scope = 'tenant' and c.period = $3
     left join platform.cap_periods p
       on p.tenant_id = t.id and p.cap_id = c.id and p.period_start <= $2 and p.period_end > $2
     where t.id = any ($1::uuid[])`,
    [tenants.map(({ slug }) => tenantId(slug)), new Date(now), period],
  );
  return new Map(
    found.rows.map(({ slug, period_start, remaining }) => [
      slug,
      { periodStart: period_start.getTime(), remaining: remaining === null ? null : Number(remaining) },
    ]),
  );
}
