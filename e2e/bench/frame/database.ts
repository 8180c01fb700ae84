import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Pool } from 'pg';
import { migrate } from '../../../src-platform/schema/migrate.ts';
import { startPostgres } from '../../../src-platform/local/postgres-server.ts';
import type { Workbench } from './workbench.ts';

const LOGINS = {
  owner: 'td_owner',
  gateway: 'td_gateway',
  operator: 'td_operator',
  accountManager: 'td_account_manager',
  tenant: 'td_tenant',
} as const;
type Login = keyof typeof LOGINS;

export interface BenchDatabase {
  /** Bound by nothing: fills tables, and is the reference without row security. */
  readonly superuser: Pool;
  /** The database by a login. */
  url(login: Login): string;
  /** Connections of a login; ended with the benchmark. */
  pool(login: Login, max?: number): Pool;
}

/** Everything warm: what is compared is work, not the disk. */
const SETTINGS = {
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  jit: 'off',
  maintenance_work_mem: '256MB',
};

/** A PostgreSQL of its own that flushes to disk, with the schema and `tenants` tenants: three workflows, a key, a monthly cap each. */
export async function startDatabase(bench: Workbench, tenants: number): Promise<BenchDatabase> {
  const server = await startPostgres({
    dataFolder: path.join(bench.folder, 'postgres'),
    durable: true,
    settings: SETTINGS,
  });
  bench.onClose(() => server.child.stop());
  await migrate({ databaseUrl: server.superuserUrl });
  const password = randomBytes(18).toString('base64url');
  const connect = (connectionString: string, max: number): Pool => {
    const pool = new Pool({ connectionString, max });
    pool.on('error', () => undefined);
    bench.onClose(() => pool.end());
    return pool;
  };
  const superuser = connect(server.superuserUrl, 4);
  for (const role of Object.values(LOGINS)) {
    await superuser.query(`create role bench_${role} login in role ${role} password '${password}'`);
  }
  await superuser.query(FILL, [tenants]);
  await superuser.query(`select platform.gateway_start($1, 'bench', '0', 'none')`, [GATEWAY_ID]);
  await superuser.query(`select platform.ensure_partitions((now() + interval '1 month')::date)`);
  await superuser.query('analyze');
  const urlOf = (login: Login): string => {
    const url = new URL(server.superuserUrl);
    url.username = `bench_${LOGINS[login]}`;
    url.password = password;
    return url.href;
  };
  return { superuser, url: urlOf, pool: (login, max = 1) => connect(urlOf(login), max) };
}

const FILL = `
with wanted as (
  select n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id from generate_series(1, $1::int) n
), tenant as (
  insert into platform.tenants (id, slug, name, plan_id, currency, time_zone, anchor_day)
  select id, 'tenant-' || n, 'Tenant ' || n, 'pro', 'INR',
    (array['Asia/Kolkata', 'America/New_York', 'Europe/Berlin'])[1 + n % 3], 1 + n % 28 from wanted returning id
), flow as (
  insert into platform.workflows (tenant_id, id, slug, name)
  select id, ('00000000-0000-4000-a000-' || right(id::text, 12))::uuid, 'support', 'Support' from tenant
), key as (
  insert into platform.api_keys (tenant_id, id, name, prefix, last4)
  select id, ('00000000-0000-4000-b000-' || right(id::text, 12))::uuid, 'Production', 'td_aaaa', 'aaaa' from tenant
), cap as (
  insert into platform.caps (tenant_id, scope, period, limit_nanousd) select id, 'tenant', 'month', 9000000000000000 from tenant
), people as (
  insert into platform.operators (id, login, name, role, raise_limit_nanousd, all_tenants) values
    ('00000000-0000-4000-9000-000000000001', 'bench_td_operator', 'Operator', 'operator', 0, true),
    ('00000000-0000-4000-9000-000000000002', 'bench_td_account_manager', 'Account manager', 'account_manager', null, false)
)
insert into platform.operator_tenants (tenant_id, operator_id)
select id, '00000000-0000-4000-9000-000000000002' from wanted where n <= 100`;

export const GATEWAY_ID = '00000000-0000-4000-8888-000000000001';

/** The id of a tenant, counted from 1, and of its workflow and key. */
export const tenantId = (n: number): string => idOf('8000', n);
export const workflowId = (n: number): string => idOf('a000', n);
export const keyId = (n: number): string => idOf('b000', n);
const idOf = (part: string, n: number): string => `00000000-0000-4000-${part}-${n.toString(16).padStart(12, '0')}`;

/**
 * Adds rows to the ledger over the last 90 days, spread over all tenants, and makes all rollups anew from it, as the superuser and
 * set-based: the ingest function would take minutes for millions. `from`: the number of the first row. Resolves with the seconds it took.
 */
export async function fillLedger(
  database: BenchDatabase,
  from: number,
  rows: number,
  tenants: number,
): Promise<number> {
  const { superuser } = database;
  const begun = performance.now();
  await superuser.query(LEDGER, [from, from + rows - 1, tenants, GATEWAY_ID]);
  await superuser.query(TRUNCATE);
  await superuser.query(ROLLUPS);
  await superuser.query(`select platform.open_cap_periods(ids, clock_timestamp()), platform.refresh_board(ids)
    from (select array_agg(id) as ids from platform.tenants) t`);
  await superuser.query('vacuum analyze');
  return Math.round((performance.now() - begun) / 1000);
}

const LEDGER = `
insert into platform.usage_records (tenant_id, occurred_at, request_id, attempt, kind, key_id, workflow_id, session, provider, model,
  input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nanousd, latency_ms, first_token_ms,
  http_status, outcome, price_version, gateway_id)
select ('00000000-0000-4000-8000-' || t.hex)::uuid, now() - (g * 7919 % 7776000) * interval '1 second', 'req_' || g, 1, 'charge',
  ('00000000-0000-4000-b000-' || t.hex)::uuid, ('00000000-0000-4000-a000-' || t.hex)::uuid, null, 'openai',
  (array['gpt-4o', 'gpt-4o-mini', 'gpt-5.2'])[1 + g % 3], 400 + g % 500, 0, 0, 60 + g % 200, 0, 100000 + g % 3000000,
  300 + g * 31 % 2400, 200, 200, 'ok', 1, $4::uuid
from generate_series($1::bigint, $2::bigint) g
cross join lateral (select lpad(to_hex(1 + g % $3::bigint), 12, '0') as hex) t`;

const TRUNCATE =
  'truncate platform.usage_15min, platform.usage_daily, platform.usage_monthly, platform.usage_tenant_daily, platform.usage_tenant_monthly';

/** One pass over the ledger; calls of one latency together, so that the counts are put together from few parts. */
const ROLLUPS = `
with fine as materialized (
  select u.tenant_id, date_bin('15 minutes', occurred_at, 'epoch') as bucket, key_id, workflow_id, model,
    platform.latency_bucket(latency_ms) as took, count(*)::integer as calls, sum(input_tokens)::bigint as input,
    sum(output_tokens)::bigint as output, sum(cost_nanousd)::bigint as cost
  from platform.usage_records u group by 1, 2, 3, 4, 5, 6
), quarter_hours as (
  insert into platform.usage_15min
  select tenant_id, bucket, key_id, workflow_id, model, sum(calls), 0, sum(input), 0, sum(output), 0, sum(cost),
    platform.sum_counts(array_fill(calls, '{1}', array[took]))
  from fine where bucket >= now() - interval '40 days' group by 1, 2, 3, 4, 5
), by_day as materialized (
  select f.tenant_id, timezone(t.time_zone, bucket)::date as day, workflow_id, model, took, sum(calls)::integer as calls,
    sum(input)::bigint as input, sum(output)::bigint as output, sum(cost)::bigint as cost
  from fine f join platform.tenants t on t.id = f.tenant_id group by 1, 2, 3, 4, 5
), days as (
  insert into platform.usage_daily
  select tenant_id, day, workflow_id, model, sum(calls), 0, sum(input), 0, sum(output), 0, sum(cost),
    platform.sum_counts(array_fill(calls, '{1}', array[took]))
  from by_day group by 1, 2, 3, 4
), tenant_days as (
  insert into platform.usage_tenant_daily
  select tenant_id, day, sum(calls), 0, sum(cost), platform.sum_counts(array_fill(calls, '{1}', array[took])), sum(calls)
  from by_day group by 1, 2
), months as (
  insert into platform.usage_monthly
  select tenant_id, date_trunc('month', day::timestamp)::date, workflow_id, model, sum(calls), 0, sum(input), 0, sum(output), 0, sum(cost),
    'openai', 1, sum(calls), sum(calls)
  from by_day group by 1, 2, 3, 4
)
insert into platform.usage_tenant_monthly
select tenant_id, date_trunc('month', day::timestamp)::date, sum(calls), 0, sum(cost), sum(calls) from by_day group by 1, 2`;
