import type { Pool } from 'pg';
import { checkChains } from '../../../src-main/audit/chain-check.ts';
import { createChainRepository } from '../../../src-main/audit/chain-repository.ts';
import type { AuditCheck } from '../../../src-main/contract/audit.ts';
import { systemClock } from '../../../src-main/infra/clock.ts';
import { createKnownSecrets } from '../../../src-main/infra/known-secrets.ts';
import { createJsonLogger } from '../../../src-main/infra/logger.ts';
import { createDatabase } from '../../../src-main/infra/postgres/database.ts';
import { startDatabase, tenantId, type BenchDatabase } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { ratePerSecond } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const WRITERS = 8;
const PLATFORM = '00000000-0000-0000-0000-000000000000';

/** Entries a second into audit chains, and how long a console takes to read them all again and make every hash anew. */
export async function audit(bench: Workbench): Promise<BenchmarkResult> {
  const database = await startDatabase(bench, TENANTS);
  const entries = bench.quick ? 50_000 : 1_000_000;
  const appends = await measureAppends(bench, database);
  const anchorMs = await measureAnchor(database.superuser);

  bench.say(`writing ${entries} entries into ${TENANTS} chains …`);
  await database.superuser.query(FILLER);
  for (let n = 1; n <= TENANTS; n += 1) {
    bench.signal.throwIfAborted();
    await database.superuser.query('select bench_fill($1, $2)', [tenantId(n), entries / TENANTS]);
  }
  await database.superuser.query('vacuum analyze platform.audit_log');
  const all = await check(bench, database, 'operator');
  const own = await check(bench, database, 'accountManager');
  const inSql = await verifyInSql(database.pool('operator'));
  const seconds = all.tookMs / 1000;
  const figures: Record<string, Figure> = {
    'audit-append': {
      value: Math.round(appends.one),
      unit: `entries/s into one chain, ${WRITERS} writers, one entry a transaction`,
      peers: {
        [`${WRITERS} chains, one writer each`]: Math.round(appends.many),
        'one chain, one writer': Math.round(appends.alone),
        'forks in all chains': appends.forks,
      },
      conditions: 'flushed to disk at each commit',
    },
    'audit-anchor': { value: anchorMs, unit: `ms to link the heads of ${TENANTS} chains` },
    'audit-verify': {
      value: seconds,
      unit: `s for ${all.entries} entries of ${all.chainsTotal} chains, every hash made anew in Node`,
      goal: '≤ 60 for 1,000,000',
      met: seconds * (1_000_000 / all.entries) <= 60,
      peers: {
        'an account manager, 100 clients (s)': own.tookMs / 1000,
        'entries they see': own.entries,
        'audit_verify in PostgreSQL (s)': inSql,
      },
      conditions: `findings: ${all.findings.length}`,
    },
  };
  return { figures };
}

async function measureAppends({ quick, say }: Workbench, database: BenchDatabase) {
  const { superuser } = database;
  const seconds = quick ? 1 : 5;
  // Nobody but the functions' owner may append: the login gets what those functions have.
  await superuser.query('grant execute on function platform.audit_append to bench_td_operator');
  const writers = database.pool('operator', WRITERS);
  const append = async (n: number): Promise<number> => {
    await writers.query(
      `select platform.audit_append($1, null, 'bench', 'cap.set', 'cap:1', '{"limitNanoUsd": 1}', '{"limitNanoUsd": 2}', null)`,
      [tenantId(n)],
    );
    return 1;
  };
  const one = await ratePerSecond(seconds, WRITERS, () => append(1));
  const many = await ratePerSecond(seconds, WRITERS, (writer) => append(2 + writer));
  const alone = await ratePerSecond(seconds, 1, () => append(20));
  const { rows } = await superuser.query<{ forks: number }>(
    `select (count(*) - count(distinct (tenant_id, prev_hash)))::int as forks from platform.audit_log`,
  );
  say(
    `appends: ${one.toFixed(0)} a second into one chain, ${many.toFixed(0)} into ${WRITERS}, ${alone.toFixed(0)} by one writer`,
  );
  return { one, many, alone, forks: rows[0]?.forks ?? -1 };
}

async function measureAnchor(superuser: Pool): Promise<number> {
  await superuser.query(
    `select platform.audit_append(id, null, 'bench', 'cap.set', null, null, null, null) from platform.tenants`,
  );
  const startedAt = performance.now();
  await superuser.query(`select platform.audit_anchor('0')`);
  return Math.round((performance.now() - startedAt) * 10) / 10;
}

/** Writes a chain as audit_append would, but its head once. */
const FILLER = `
create function bench_fill(p_tenant uuid, p_count integer) returns void language plpgsql as $$
declare
  v_row platform.audit_log;
begin
  select tenant_id, seq, hash into v_row.tenant_id, v_row.seq, v_row.hash from platform.audit_heads where tenant_id = p_tenant;
  v_row.login := 'asha.rao';
  v_row.action := 'cap.set';
  v_row.target := 'cap:' || gen_random_uuid();
  v_row.reason := 'Asked by phone';
  for i in 1..p_count loop
    v_row.seq := v_row.seq + 1;
    v_row.id := nextval('platform.audit_log_id_seq');
    v_row.at := clock_timestamp();
    v_row.before := jsonb_build_object('limitNanoUsd', i * 1000000, 'version', i);
    v_row.after := jsonb_build_object('limitNanoUsd', (i + 1) * 1000000, 'version', i + 1, 'scope', 'tenant', 'period', 'month');
    v_row.prev_hash := v_row.hash;
    v_row.hash := platform.audit_hash(v_row);
    insert into platform.audit_log overriding system value select v_row.*;
  end loop;
  update platform.audit_heads set seq = v_row.seq, hash = v_row.hash where tenant_id = p_tenant;
end $$`;

async function check(
  bench: Workbench,
  database: BenchDatabase,
  login: 'operator' | 'accountManager',
): Promise<AuditCheck> {
  const console = createDatabase(
    database.url(login),
    createJsonLogger(() => undefined, systemClock, createKnownSecrets()),
  );
  let last: AuditCheck | undefined;
  try {
    await checkChains({
      repository: createChainRepository(console),
      remembered: new Map(),
      clock: systemClock,
      tell: (state) => (last = state),
      signal: bench.signal,
    });
  } finally {
    await console.close();
  }
  if (!last?.done) throw new Error('The check did not end.');
  bench.say(`${login}: ${last.entries} entries in ${(last.tookMs / 1000).toFixed(1)} s, ${last.badChains} bad chains`);
  return last;
}

async function verifyInSql(operator: Pool): Promise<number> {
  const startedAt = performance.now();
  for (let n = 1; n <= TENANTS; n += 1) await operator.query('select ok from platform.audit_verify($1)', [tenantId(n)]);
  await operator.query('select ok from platform.audit_verify($1)', [PLATFORM]);
  return Math.round((performance.now() - startedAt) / 100) / 10;
}
