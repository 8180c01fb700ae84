import type { Pool } from 'pg';
import { fillLedger, startDatabase } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { measureRounds, overRounds, type Rounds } from '../frame/rounds.ts';
import { medianMs } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const MILLION = 1_000_000;
/** What the console asks for its board every few seconds: what moves with the calls. */
const BOARD = `select tenant_id, charged_nanousd, burn_nanousd_per_day, spent_today_nanousd, calls_today, failed_today, p95_today_ms,
  refusals_last_hour from platform.board_now`;
/** What it asks at the start, after a gap and every few minutes: names and caps as well. */
const WHOLE_BOARD = `select tenant_id, slug, name, plan_id, currency, time_zone, status, cap_id, cap_version, limit_nanousd, thresholds,
  period_start, period_end, charged_nanousd, burn_nanousd_per_day, spent_today_nanousd, calls_today, failed_today, p95_today_ms,
  refusals_last_hour, as_of, override_nanousd, override_count, override_next_end from platform.board`;
/** As many rows and columns from plain tables: what driver and protocol cost whatever the query. */
const SAME_ROWS = 'select * from platform.bench_board';
const SAME_WHOLE_ROWS = 'select * from platform.bench_whole_board';
/** The board's sums straight from the ledger: this period's spend and seven days' burn. */
const BOARD_FROM_LEDGER = `select tenant_id, sum(cost_nanousd) filter (where occurred_at >= date_trunc('month', now())),
  sum(cost_nanousd) filter (where occurred_at > now() - interval '7 days')
  from platform.usage_records where occurred_at > now() - interval '31 days' group by 1`;
/** What a margin is made of on the platform's side: cost of all clients in a month, and by day for its forecast. */
const MONTH = `select tenant_id, calls, failed_calls, cost_nanousd from platform.usage_tenant_monthly
  where month = date_trunc('month', now())::date`;
const MONTH_FROM_LEDGER = `select tenant_id, count(*), count(*) filter (where outcome not in ('ok', 'client_closed')), sum(cost_nanousd)
  from platform.usage_records where occurred_at >= date_trunc('month', now()) group by 1`;
/** One client's month by workflow with percentiles, as its panel and its report show it. */
const CLIENT = `select workflow_id, sum(calls), sum(cost_nanousd), platform.latency_at(platform.sum_counts(latency), 0.95)
  from platform.usage_daily where tenant_id = '00000000-0000-4000-8000-000000000007' and day >= date_trunc('month', now())::date group by 1`;
const CLIENT_FROM_LEDGER = `select workflow_id, count(*), sum(cost_nanousd), percentile_disc(0.95) within group (order by latency_ms)
  from platform.usage_records where tenant_id = '00000000-0000-4000-8000-000000000007' and occurred_at >= date_trunc('month', now()) group by 1`;

/** Margins of the months that are over, with their contracts; and their AI cost alone, straight from the ledger. */
const MARGINS = `select tenant_id, month, revenue_minor, ai_cost_minor, other_cost_minor, margin_bp
  from platform.margin_months(now(), (date_trunc('month', now()) - interval '3 months')::date, date_trunc('month', now())::date)`;
const MARGINS_FROM_LEDGER = `select u.tenant_id, date_trunc('month', timezone(t.time_zone, u.occurred_at)), sum(u.cost_nanousd)
  from platform.usage_records u join platform.tenants t on t.id = u.tenant_id group by 1, 2`;
const CONTRACTS = `insert into platform.contracts (tenant_id, valid_from, currency, retainer_minor, other_direct_cost_minor,
    target_margin_bp, updated_at, updated_by)
  select t.id, '2020-01-01', 'USD', 50000, 2500, 6500, now(), o.id from platform.tenants t, platform.operators o where o.role = 'operator'`;

type Name =
  | 'board'
  | 'sameRows'
  | 'wholeBoard'
  | 'sameWholeRows'
  | 'month'
  | 'client'
  | 'clientFromLedger'
  | 'boardFromLedger'
  | 'monthFromLedger'
  | 'margins'
  | 'marginsFromLedger'
  | 'roundTrip';
type Measured = Rounds<Name, number>;

/** The queries of the board and of a month over a ledger of millions of rows, beside `select 1` and the same sums from the ledger; as an operator. */
export async function boardQuery(bench: Workbench): Promise<BenchmarkResult> {
  const database = await startDatabase(bench, TENANTS);
  const operator = database.pool('operator');
  await database.superuser.query(CONTRACTS);
  const fill = async (from: number, rows: number): Promise<void> => {
    bench.say(`filling the ledger with ${rows / MILLION} million rows …`);
    bench.say(`… took ${await fillLedger(database, from, rows, TENANTS)} s`);
  };
  await fill(0, MILLION);
  await database.superuser.query(
    `create table platform.bench_board as ${BOARD}; create table platform.bench_whole_board as ${WHOLE_BOARD};
     grant select on platform.bench_board, platform.bench_whole_board to td_operator`,
  );
  const small = await measure(bench, operator);
  const figures: Record<string, Figure> = figuresOf(small, '1 million');
  if (bench.quick) return { figures, missing: ['board-query with 10 million rows: left out by --quick'] };
  await fill(MILLION, 9 * MILLION);
  const large = await measure(bench, operator);
  Object.assign(figures, figuresOf(large, '10 million'));
  for (const [name, beside] of GROWTH) figures[`${name}-growth`] = growth(small, large, name, beside);
  return { figures };
}

/** A query, and what does not grow with the ledger and takes about as long: the machine may have become another between the two. */
const GROWTH: readonly (readonly [Name, Name])[] = [
  ['board', 'sameRows'],
  ['wholeBoard', 'sameWholeRows'],
  ['month', 'sameRows'],
  ['client', 'sameRows'],
];

/** Time of a query with ten times the rows, both as a multiple of what stood beside it. */
function growth(small: Measured, large: Measured, name: Name, beside: Name): Figure {
  const times = (measured: Measured): number => overRounds(measured, (round) => round[name] / round[beside]).value;
  const grown = times(large) / Math.max(times(small), Number.EPSILON);
  return {
    value: Number(grown.toPrecision(3)),
    unit: `× from 1 to 10 million rows, beside ${beside}`,
    goal: '≤ 1.3',
    met: grown <= 1.3,
  };
}

function measure(bench: Workbench, operator: Pool): Promise<Measured> {
  const timed = (times: number, text: string) => () =>
    medianMs(times, () => operator.query({ text, rowMode: 'array' }));
  const once = bench.quick ? 1 : 2;
  return measureRounds<Name, number>({
    contenders: {
      board: timed(20, BOARD),
      sameRows: timed(20, SAME_ROWS),
      wholeBoard: timed(20, WHOLE_BOARD),
      sameWholeRows: timed(20, SAME_WHOLE_ROWS),
      month: timed(20, MONTH),
      client: timed(20, CLIENT),
      clientFromLedger: timed(20, CLIENT_FROM_LEDGER),
      boardFromLedger: timed(once, BOARD_FROM_LEDGER),
      monthFromLedger: timed(once, MONTH_FROM_LEDGER),
      margins: timed(10, MARGINS),
      marginsFromLedger: timed(1, MARGINS_FROM_LEDGER),
      roundTrip: timed(200, 'select 1'),
    },
    rounds: bench.quick ? 3 : 7,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `round ${number}: ${Object.entries(round)
          .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
          .join(', ')} ms`,
      ),
  });
}

function figuresOf(measured: Measured, rows: string): Record<string, Figure> {
  const ms = (name: Name): number => overRounds(measured, (round) => round[name]).value;
  const margins = overRounds(measured, (round) => round.marginsFromLedger / round.margins);
  const suffix = rows.replace(' ', '-');
  const conditions = `${TENANTS} tenants, ${rows} ledger rows over 90 days, warm, client included`;
  const atMost = (name: Name, beside: Name, most: number, unit: string): Figure => {
    const ratio = overRounds(measured, (round) => round[name] / round[beside]);
    return { ...ratio, unit, goal: `≤ ${most}`, met: ratio.value <= most };
  };
  const faster = (name: Name, ledger: Name): Figure => ({
    ...overRounds(measured, (round) => round[ledger] / round[name]),
    unit: '× faster than from the ledger',
    peers: { 'rollup, ms': ms(name), 'from the ledger, ms': ms(ledger) },
  });
  const month = faster('month', 'monthFromLedger');
  return {
    [`board-query-${suffix}`]: {
      ...atMost('board', 'roundTrip', 20, '× select 1'),
      peers: {
        'board, ms': ms('board'),
        'the same rows from a plain table, ms': ms('sameRows'),
        'select 1, ms': ms('roundTrip'),
        'from the ledger, ms': ms('boardFromLedger'),
      },
      conditions,
    },
    [`whole-board-query-${suffix}`]: {
      ...overRounds(measured, (round) => round.wholeBoard / round.sameWholeRows),
      unit: '× the same rows from a plain table',
      peers: {
        'whole board, ms': ms('wholeBoard'),
        'the same rows from a plain table, ms': ms('sameWholeRows'),
        'whole board, × select 1': overRounds(measured, (round) => round.wholeBoard / round.roundTrip).value,
      },
      conditions: `${conditions}; at the start, after a gap and every five minutes`,
    },
    [`month-query-${suffix}`]: { ...month, goal: '≥ 100', met: month.value >= 100, conditions },
    [`client-month-${suffix}`]: {
      ...faster('client', 'clientFromLedger'),
      conditions: `${conditions}; one client, its ledger rows found by index`,
    },
    [`margin-query-${suffix}`]: {
      ...margins,
      unit: '× faster than AI cost alone from the ledger',
      goal: '≥ 100',
      met: margins.value >= 100,
      peers: { 'margins of three months, ms': ms('margins'), 'from the ledger, ms': ms('marginsFromLedger') },
    },
  };
}
