import type { Pool } from 'pg';
import { demoTenants } from '../../../src-platform/local/demo/demo-tenants.ts';
import { historyRows, pricesByModel, type HistoryRow } from '../../../src-platform/local/demo/history-rows.ts';
import { readPriceBook } from '../../../src-platform/prices/price-book.ts';
import { stableId } from '../../../src-platform/local/stable-id.ts';
import { GATEWAY_ID, startDatabase } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import type { Workbench } from '../frame/workbench.ts';

/** None of them was looked at while the rule was made; those were named otherwise. */
const SEEDS = ['unseen 1', 'unseen 2', 'unseen 3', 'unseen 4', 'unseen 5'];
const DAY_MS = 86_400_000;
const HISTORY_DAYS = 395;
/** Of a seed: the pace of the demo. */
const ROWS = 85_000;
const BATCH = 2_000;
/** Forecasts are asked for at 10:00 UTC on these days of each month: in every zone of the demo it is the same day then. */
const DAYS = [3, 8, 13, 18, 23, 28];
const MONTHS = 6;

/** One forecast beside what came, nano-USD. */
interface Judged {
  readonly day: number;
  readonly actual: bigint;
  readonly forecast: bigint;
  readonly runRate: bigint;
  readonly within: boolean | null;
}

/** The forecast of a month's cost against the plain run rate, on invented histories it has not seen, entered through the ingest function. */
export async function forecast(bench: Workbench): Promise<BenchmarkResult> {
  const seeds = bench.quick ? SEEDS.slice(0, 1) : SEEDS;
  return { figures: figuresOf(await judgeForecasts(bench, seeds)) };
}

/** For each seed, month, day and demo tenant a forecast. */
async function judgeForecasts(bench: Workbench, seeds: readonly string[]): Promise<Judged[]> {
  const database = await startDatabase(bench, 1);
  const { superuser } = database;
  const gateway = database.pool('gateway', 2);
  const now = new Date();
  bench.say(`inventing ${seeds.length} × ${ROWS} calls over 13 months …`);
  const calls = await enterTenants(superuser, seeds, now);
  const instants = Array.from({ length: MONTHS }, (_, back) =>
    DAYS.map((day) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS + back, day, 10)),
  ).flat();
  const said: { at: number; rows: Said[] }[] = [];
  let entered = 0;
  for (const at of [...instants, Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 2)]) {
    bench.signal.throwIfAborted();
    const until = calls.findIndex((call, index) => index >= entered && Date.parse(call.occurred_at) >= at);
    await ingest(gateway, calls.slice(entered, until === -1 ? undefined : until));
    entered = until === -1 ? calls.length : until;
    const { rows } = await superuser.query<Said>(ASK, [new Date(at)]);
    said.push({ at, rows });
    bench.say(`${new Date(at).toISOString().slice(0, 10)}: ${entered} calls in the ledger`);
  }
  const { rows: months } = await superuser.query<{ key: string; cost: string }>(
    `select tenant_id || ' ' || to_char(month, 'YYYY-MM') as key, sum(cost_nanousd)::text as cost from platform.usage_monthly group by 1`,
  );
  const actualOf = new Map(months.map(({ key, cost }) => [key, BigInt(cost)]));
  return said.slice(0, -1).flatMap(({ at, rows }) =>
    rows.flatMap((row): Judged[] => {
      const actual = actualOf.get(`${row.tenant_id} ${new Date(at).toISOString().slice(0, 7)}`);
      if (actual === undefined) return [];
      const spent = BigInt(row.spent);
      const { low, high } = row;
      return [
        {
          day: new Date(at).getUTCDate(),
          actual,
          forecast: BigInt(row.forecast),
          runRate: (spent * BigInt(row.month_ms)) / BigInt(row.elapsed_ms),
          within: low === null || high === null ? null : actual >= BigInt(low) && actual <= BigInt(high),
        },
      ];
    }),
  );
}

interface Said {
  readonly tenant_id: string;
  readonly spent: string;
  readonly forecast: string;
  readonly low: string | null;
  readonly high: string | null;
  readonly month_ms: string;
  readonly elapsed_ms: string;
}

const ASK = `
select f.tenant_id, f.spent_nanousd::text as spent, (f.spent_nanousd + f.rest_nanousd)::text as forecast,
  (f.spent_nanousd + f.rest_low_nanousd)::text as low, (f.spent_nanousd + f.rest_high_nanousd)::text as high,
  (f.month_days * 86400000::bigint)::text as month_ms,
  round(extract(epoch from $1::timestamptz - timezone(t.time_zone, f.month::timestamp)) * 1000)::bigint::text as elapsed_ms
from platform.forecast_costs($1) f join platform.tenants t on t.id = f.tenant_id where t.slug like 'seed-%'`;

/** Tenants of their own for each seed, and all their calls in the order in which they came. */
async function enterTenants(superuser: Pool, seeds: readonly string[], now: Date): Promise<HistoryRow[]> {
  const tenants = demoTenants(12);
  const prices = pricesByModel(readPriceBook());
  const weights = tenants.reduce((sum, { weight }) => sum + weight, 0);
  const calls: HistoryRow[] = [];
  for (const seed of seeds) {
    for (const tenant of tenants) {
      const id = stableId('bench', seed, tenant.slug);
      await superuser.query(
        `insert into platform.tenants (id, slug, name, plan_id, currency, time_zone, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          id,
          `seed-${id}`,
          tenant.name,
          tenant.plan,
          tenant.currency,
          tenant.timeZone,
          new Date(now.getTime() - 400 * DAY_MS),
        ],
      );
      const [from, until] = [now.getTime() - HISTORY_DAYS * DAY_MS, now.getTime()];
      const rows = (ROWS * tenant.weight) / weights;
      for (const call of historyRows({ tenant, from, until, rows, name: seed }, prices)) {
        calls.push({ ...call, tenant_id: id });
      }
    }
  }
  return calls.toSorted((one, other) => Date.parse(one.occurred_at) - Date.parse(other.occurred_at));
}

async function ingest(gateway: Pool, calls: readonly HistoryRow[]): Promise<void> {
  for (let from = 0; from < calls.length; from += BATCH) {
    const records = calls.slice(from, from + BATCH);
    await gateway.query('select platform.ingest($1, $2)', [GATEWAY_ID, JSON.stringify({ records })]);
  }
}

function figuresOf(judged: readonly Judged[]): Record<string, Figure> {
  const figures: Record<string, Figure> = {};
  const parts: [name: string, rows: readonly Judged[]][] = [
    ['', judged],
    ...DAYS.map((day): [string, Judged[]] => [`-on-day-${day}`, judged.filter((row) => row.day === day)]),
  ];
  for (const [name, rows] of parts) {
    const ours = meanError(rows, ({ forecast: said }) => said);
    const plain = meanError(rows, ({ runRate }) => runRate);
    figures[`forecast-error${name}`] = {
      value: ours,
      unit: '% of the month, mean',
      goal: 'below the plain run rate',
      met: ours < plain,
      samples: rows.length,
      peers: { 'plain run rate': plain },
    };
  }
  const known = judged.filter(({ within }) => within !== null);
  const inside = (known.filter(({ within }) => within).length * 100) / known.length;
  figures['forecast-range'] = {
    value: Number(inside.toFixed(1)),
    unit: '% of months that end in the range',
    goal: '80 ± 5',
    met: Math.abs(inside - 80) <= 5,
    samples: known.length,
    conditions: `${MONTHS} months of the 12 demo clients, asked on days ${DAYS.join(', ')}`,
  };
  return figures;
}

/** Mean of |said − actual| ÷ actual, percent. Shares are doubles: they are no money. */
function meanError(rows: readonly Judged[], said: (row: Judged) => bigint): number {
  const errors = rows.map((row) => Math.abs(Number(said(row) - row.actual)) / Number(row.actual));
  return Number(((errors.reduce((sum, error) => sum + error, 0) / errors.length) * 100).toFixed(2));
}
