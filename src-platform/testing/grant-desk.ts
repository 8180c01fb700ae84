import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { callPlatform } from './call-platform.ts';
import { makeGateway } from './factories.ts';
import { ledgerRecord, type LedgerRecord } from './ledger-record.ts';
import type { TestDatabase } from './test-database.ts';

export interface ScopeJson {
  capId: string;
  scope: string;
  period: string;
  periodStart: string;
  periodEnd: string;
  limit: number;
  granted: number;
  charged: number;
}

export interface TakeAnswer {
  granted: boolean;
  uncapped?: boolean;
  failed?: string;
  amount: number;
  /** No call admitted from then on may use the grant. */
  validUntil?: string;
  scopes: ScopeJson[];
}

export interface IngestAnswer {
  inserted: number;
  duplicates: number;
  capPeriods: {
    tenantId: string;
    capId: string;
    periodStart: string;
    limit: number;
    granted: number;
    charged: number;
  }[];
  overBound: { tenantId: string; grantId: string; nanoUsd: number }[];
}

/** Takes, releases and ingests as one gateway does, by the platform's functions. */
export interface GrantDesk {
  readonly gatewayId: string;
  readonly pool: Pool;
  take(ask: {
    tenantId: string;
    need: number;
    want?: number;
    grantId?: string;
    keyId?: string;
    workflowId?: string;
    /** Milliseconds from now. */
    skewMs?: number;
    turn?: number;
  }): Promise<TakeAnswer>;
  release(
    tenantId: string,
    grantId: string,
    amount: number,
    close?: boolean,
    turn?: number,
  ): Promise<{ amount: number; charged: number; released: number; state: string }>;
  ingest(batch: {
    records?: LedgerRecord[];
    refusals?: object[];
    unpriced?: object[];
    counters?: object[];
    release?: object[];
  }): Promise<IngestAnswer>;
  /** One call of this cost, ingested at once. */
  charge(tenantId: string, cost: number, record?: Partial<LedgerRecord>): Promise<IngestAnswer>;
}

export async function makeGrantDesk(db: TestDatabase): Promise<GrantDesk> {
  const gatewayId = await makeGateway(db);
  const pool = db.connect(db.gatewayUrl, 32);
  const ask = <T>(call: string, values: unknown[]): Promise<T> => callPlatform(pool, call, values);
  const ingest: GrantDesk['ingest'] = (batch) => ask('ingest($1, $2)', [gatewayId, JSON.stringify(batch)]);
  return {
    gatewayId,
    pool,
    take: ({ tenantId, need, want = need, grantId = randomUUID(), keyId, workflowId, skewMs = 0, turn }) =>
      ask(`take_grant($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond', $7, $8, $9)`, [
        gatewayId,
        tenantId,
        keyId ?? null,
        workflowId ?? null,
        grantId,
        skewMs,
        need,
        want,
        turn ?? null,
      ]),
    release: (tenantId, grantId, amount, close = false, turn) =>
      ask('release_grant($1, $2, $3, $4, $5, $6)', [gatewayId, tenantId, grantId, amount, close, turn ?? null]),
    ingest,
    charge: (tenantId, cost, record = {}) =>
      ingest({ records: [ledgerRecord(tenantId, { cost_nanousd: cost, ...record })] }),
  };
}

/** What does not agree: a cap's charged with the ledger, a rollup with the ledger, a period with its grants. Empty when all is right. */
export async function disagreements(db: TestDatabase): Promise<unknown[]> {
  const { rows } = await db.owner.query<object>(
    `with ledger as (
       select u.*, timezone(t.time_zone, u.occurred_at)::date as day
       from platform.usage_records u join platform.tenants t on t.id = u.tenant_id
     ), expected as (
       select 'quarter hours' as what, tenant_id, sum(cost_nanousd) as cost,
         count(*) filter (where kind <> 'correction') as calls
       from ledger where occurred_at > now() - interval '40 days' group by 2
       union all select 'days', tenant_id, sum(cost_nanousd), count(*) filter (where kind <> 'correction') from ledger group by 2
       union all select 'months', tenant_id, sum(cost_nanousd), count(*) filter (where kind <> 'correction') from ledger group by 2
       union all select 'tenant days', tenant_id, sum(cost_nanousd), count(*) filter (where kind <> 'correction') from ledger group by 2
     ), found as (
       select 'quarter hours' as what, tenant_id, sum(cost_nanousd) as cost, sum(calls) as calls from platform.usage_15min group by 2
       union all select 'days', tenant_id, sum(cost_nanousd), sum(calls) from platform.usage_daily group by 2
       union all select 'months', tenant_id, sum(cost_nanousd), sum(calls) from platform.usage_monthly group by 2
       union all select 'tenant days', tenant_id, sum(cost_nanousd), sum(calls) from platform.usage_tenant_daily group by 2
     )
     select what, tenant_id::text as id, e.cost::text as expected, f.cost::text as found from expected e full join found f using (what, tenant_id)
     where e.cost is distinct from f.cost or e.calls is distinct from f.calls
     union all
     select 'charged', p.cap_id::text, s.cost::text, p.charged_nanousd::text
     from platform.cap_periods p join platform.caps c on c.tenant_id = p.tenant_id and c.id = p.cap_id
     cross join lateral (
       select coalesce(sum(u.cost_nanousd), 0) as cost from platform.usage_records u
       where u.tenant_id = p.tenant_id and u.occurred_at >= p.period_start and u.occurred_at < p.period_end
         and (c.key_id is null or u.key_id = c.key_id) and (c.workflow_id is null or u.workflow_id = c.workflow_id)) s
     where s.cost <> p.charged_nanousd
     union all
     -- granted = charged + what grants still hold of this period
     select 'granted', p.cap_id::text, (p.charged_nanousd + s.held)::text, p.granted_nanousd::text
     from platform.cap_periods p cross join lateral (
       select coalesce(sum(g.amount_nanousd - g.charged_nanousd), 0) as held
       from platform.grants g cross join unnest(g.cap_ids, g.period_starts) w(cap_id, period_start)
       where g.tenant_id = p.tenant_id and w.cap_id = p.cap_id and w.period_start = p.period_start) s
     where p.granted_nanousd <> p.charged_nanousd + s.held`,
  );
  return rows;
}
