import type { Pool } from 'pg';
import { fillLedger, startDatabase, tenantId } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import { medianMs } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

type Name =
  | 'all'
  | 'operator'
  | 'assignedFilter'
  | 'accountManager'
  | 'assignedFilterFree'
  | 'accountManagerFree'
  | 'oneFilter'
  | 'tenant';

const TENANTS = 1000;
const ASSIGNED = 100;
const SUM = 'select sum(cost_nanousd) from platform.usage_records';
const ASSIGNED_SUM = `${SUM} where tenant_id = any ($1::uuid[])`;
const ONE = tenantId(7);
const assigned = Array.from({ length: ASSIGNED }, (_, index) => tenantId(index + 1));

/** A scan of the whole ledger under row security, beside the same scan with the condition written out and no row security. */
export async function rowSecurity(bench: Workbench): Promise<BenchmarkResult> {
  const rows = bench.quick ? 500_000 : 10_000_000;
  const database = await startDatabase(bench, TENANTS);
  bench.say(`filling the ledger with ${rows} rows …`);
  bench.say(`… took ${await fillLedger(database, 0, rows, TENANTS)} s`);
  const times = bench.quick ? 1 : 3;
  const scan = (pool: Pool, text: string, values: unknown[] = [], free = false) => {
    return () => medianMs(times, () => scanOnce(pool, text, values, free));
  };
  const accountManager = database.pool('accountManager');
  const { superuser } = database;
  const measured = await measureRounds<Name, number>({
    contenders: {
      all: scan(superuser, SUM),
      operator: scan(database.pool('operator'), SUM),
      assignedFilter: scan(superuser, ASSIGNED_SUM, [assigned]),
      accountManager: scan(accountManager, SUM),
      assignedFilterFree: scan(superuser, ASSIGNED_SUM, [assigned], true),
      accountManagerFree: scan(accountManager, SUM, [], true),
      oneFilter: scan(superuser, `${SUM} where tenant_id = $1`, [ONE]),
      tenant: scan(database.pool('tenant'), SUM),
    },
    rounds: bench.quick ? 3 : 9,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `round ${number}: ${Object.entries(round)
          .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
          .join(', ')} ms`,
      ),
  });
  const conditions = `${rows} rows, index scans off, one process, warm`;
  const figure = (ruled: Name, plain: Name, how = conditions): Figure => {
    const ratio = overRounds(measured, (round) => round[ruled] / round[plain]);
    return {
      ...ratio,
      unit: '× the explicit filter',
      goal: '≤ 1.05',
      met: ratio.value <= 1.05,
      peers: {
        'under row security, ms': overRounds(measured, (round) => round[ruled]).value,
        'explicit, ms': overRounds(measured, (round) => round[plain]).value,
      },
      conditions: how,
    };
  };
  return {
    figures: {
      'rls-tenant': figure('tenant', 'oneFilter'),
      'rls-operator': figure('operator', 'all'),
      'rls-account-manager': figure(
        'accountManager',
        'assignedFilter',
        `${ASSIGNED} of ${TENANTS} tenants, ${conditions}`,
      ),
      'rls-account-manager-indexed': figure(
        'accountManagerFree',
        'assignedFilterFree',
        `${ASSIGNED} of ${TENANTS} tenants, ${rows} rows, the planner may use the index`,
      ),
    },
  };
}

async function scanOnce(pool: Pool, text: string, values: unknown[], free: boolean): Promise<void> {
  const index = free ? 'on' : 'off';
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.current_tenant', '${ONE}', true), set_config('enable_indexscan', '${index}', true),
      set_config('enable_bitmapscan', '${index}', true), set_config('enable_indexonlyscan', '${index}', true),
      set_config('max_parallel_workers_per_gather', '0', true)`);
    await client.query(text, values);
    await client.query('commit');
  } finally {
    client.release();
  }
}
