/**
 * Clinic B's story plays at every start: its cap stands just above what it has spent, its live calls reach it within two minutes, and a raise
 * of 10 % keeps it going for some minutes. Both need a cap of some size on every day of the period, so its spending in the present
 * period is brought to a floor first: the digest of patients' records that it makes when a period begins.
 */
import type { Client } from 'pg';
import { randomUUID } from 'node:crypto';
import { billedCost } from '../provider/price-list.ts';
import { keyId, tenantId, workflowId } from '../register-platform.ts';
import { stableId } from '../stable-id.ts';
import { readRooms, withinRoom } from './fill-gap.ts';
import { priceAt, type HistoryRow, type PricesByModel } from './history-rows.ts';
import { CLINIC_B } from './the-dozen.ts';

/** Seconds of its live traffic that fit under Clinic B's cap after a start. */
export const CLINIC_B_SECONDS = 75;

const FLOOR_NANOUSD = 24_000_000_000;
const CENT = 10_000_000n;
const DIGEST = { workflow: 'records-summary', model: 'claude-sonnet-5', input: 38_000, output: 6_200 } as const;

/** What Clinic B's live traffic spends in so many seconds, nano-USD. */
export function clinicBSpending(prices: PricesByModel, seconds: number, now: number): bigint {
  const { model = '', inputTokens, outputTokens, callsPerSecond } = CLINIC_B.live;
  const cost = billedCost(priceAt(prices, model, now), {
    input: inputTokens,
    cachedInput: 0,
    cacheWrite: 0,
    hourCacheWrite: 0,
    output: outputTokens,
    reasoning: 0,
  });
  return BigInt(Math.round(Number(cost) * callsPerSecond * seconds));
}

/** The calls that bring Clinic B's spending in its present period to the floor; they fit under its cap. */
export async function clinicBFloor(owner: Client, prices: PricesByModel, now: number): Promise<HistoryRow[]> {
  const id = tenantId(CLINIC_B.slug);
  const room = (await readRooms(owner, [CLINIC_B], 'month', now)).get(CLINIC_B.slug);
  if (!room) return [];
  const found = await owner.query<{ spent: string }>(
    `select coalesce(sum(cost_nanousd), 0)::bigint as spent from platform.usage_records
     where tenant_id = $1 and occurred_at >= $2`,
    [id, new Date(room.periodStart)],
  );
  const price = priceAt(prices, DIGEST.model, now);
  const tokens = {
    input: DIGEST.input,
    cachedInput: 0,
    cacheWrite: 0,
    hourCacheWrite: 0,
    output: DIGEST.output,
    reasoning: 0,
  };
  const cost = Number(billedCost(price, tokens));
  const calls = Math.ceil((FLOOR_NANOUSD - Number(found.rows[0]?.spent ?? 0)) / cost);
  const step = (now - room.periodStart) / (calls + 1);
  const rows = Array.from({ length: Math.max(0, calls) }, (_, index): HistoryRow => ({
    tenant_id: id,
    occurred_at: new Date(Math.floor(room.periodStart + step * (index + 1))).toISOString(),
    request_id: stableId('digest', String(room.periodStart), String(now), String(index)),
    attempt: 1,
    kind: 'charge',
    key_id: keyId(CLINIC_B.slug),
    workflow_id: workflowId(CLINIC_B.slug, DIGEST.workflow),
    session: null,
    provider: price.provider,
    model: DIGEST.model,
    input_tokens: tokens.input,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: tokens.output,
    reasoning_tokens: 0,
    units: null,
    cost_nanousd: cost,
    latency_ms: 41_000 + ((index * 977) % 9_000),
    first_token_ms: null,
    http_status: 200,
    outcome: 'ok',
    price_version: price.priceVersion,
    grant_id: null,
  }));
  return withinRoom(rows, room, 1);
}

/** Sets Clinic B's cap just above what it has spent and holds, in the name of an operator who may. Answers the cap, nano-USD. */
export async function setClinicBCap(admin: Client, headroom: bigint): Promise<bigint> {
  // Its period may not have been opened yet: then the ledger says what is spent.
  const found = await admin.query<{ id: string; version: number; limit: string; more: string; taken: string }>(
    `select c.id, c.version, c.limit_nanousd as limit, (
         select coalesce(sum(o.amount_nanousd), 0) from platform.cap_overrides o
         where o.tenant_id = t.id and o.cap_id = c.id and o.removed_at is null and (o.ends_at is null or o.ends_at > now())) as more,
       coalesce(p.granted_nanousd, (
         select coalesce(sum(u.cost_nanousd), 0) from platform.usage_records u
         where u.tenant_id = t.id and u.occurred_at >= b.period_start)) as taken
     from platform.tenants t
     join platform.caps c on c.tenant_id = t.id and c.scope = 'tenant' and c.period = 'month'
     cross join lateral platform.period_bounds('month', t.time_zone, t.anchor_day, now()) b
     left join platform.cap_periods p
       on p.tenant_id = t.id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
     where t.id = $1`,
    [tenantId(CLINIC_B.slug)],
  );
  const cap = found.rows[0];
  if (!cap) throw new Error('Clinic B has no monthly cap.');
  // What was approved in an earlier run still holds on top of the cap.
  const needed = BigInt(cap.taken) - BigInt(cap.more) + headroom;
  const limit = needed > 0n ? ((needed + CENT - 1n) / CENT) * CENT : 0n;
  if (limit !== BigInt(cap.limit)) {
    await admin.query('select platform.set_cap($1, $2, $3, $4, $5, $6)', [
      tenantId(CLINIC_B.slug),
      cap.id,
      limit,
      cap.version,
      randomUUID(),
      'Demonstration: a cap just above what is spent, so that Clinic B reaches it within two minutes.',
    ]);
  }
  return limit;
}
