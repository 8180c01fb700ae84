import type { Pool } from 'pg';
import { fillLedger, startDatabase } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { measureRounds, overRounds, type Rounds } from '../frame/rounds.ts';
import { medianMs } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const MILLION = 1_000_000;
/** What the console asks for its board. */
const BOARD = `select tenant_id, slug, name, plan_id, currency, time_zone, status, cap_id, cap_version, limit_nanousd, thresholds,
  period_start, period_end, charged_nanousd, burn_nanousd_per_day, spent_today_nanousd, refusals_last_hour, as_of from platform.board`;
/** As many rows and columns from a plain table: what driver and protocol cost whatever the query. */
const SAME_ROWS = 'select * from platform.bench_board';
/** The board's sums straight from the ledger: this period's spend and seven days' burn. */
const BOARD_FROM_LEDGER = `select tenant_id, sum(cost_nanousd) filter (where occurred_at >= date_trunc('month', now())),
  sum(cost_nanousd) filter (where occurred_at > now() - interval '7 days')
  from platform.usage_records where occurred_at > now() - interval '31 days' group by 1`;
const MONTH = `select tenant_id, sum(cost_nanousd) from platform.usage_monthly
  where month = date_trunc('month', now())::date group by 1`;
const MONTH_FROM_LEDGER = `select tenant_id, sum(cost_nanousd) from platform.usage_records
  where occurred_at >= date_trunc('month', now()) group by 1`;

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
  | 'boardFromLedger'
  | 'month'
  | 'monthFromLedger'
  | 'margins'
  | 'marginsFromLedger'
  | 'roundTrip';

/** The board's query over a ledger of millions of rows, beside `select 1` and the same sums from the ledger; as an operator. */
export async function boardQuery(bench: Workbench): Promise<BenchmarkResult> {
  const database = await startDatabase(bench, TENANTS);
  const operator = database.pool('operator');
  await database.superuser.query(CONTRACTS);
  bench.say('filling the ledger with 1 million rows …');
  await fillLedger(database, 0, MILLION, TENANTS);
  await database.superuser.query(
    `create table platform.bench_board as ${BOARD}; grant select on platform.bench_board to td_operator`,
  );
  const small = await measure(bench, operator);
  const figures: Record<string, Figure> = figuresOf(small, '1 million');
  if (bench.quick) return { figures, missing: ['board-query with 10 million rows: left out by --quick'] };
  bench.say('filling the ledger with 9 million rows more …');
  await fillLedger(database, MILLION, 9 * MILLION, TENANTS);
  const large = await measure(bench, operator);
  Object.assign(figures, figuresOf(large, '10 million'));
  const growth =
    overRounds(large, ({ board }) => board).value /
    Math.max(overRounds(small, ({ board }) => board).value, Number.EPSILON);
  figures['board-growth'] = {
    value: Number(growth.toPrecision(3)),
    unit: '× from 1 to 10 million rows',
    goal: '≤ 1.3',
    met: growth <= 1.3,
  };
  return { figures };
}

function measure(bench: Workbench, operator: Pool): Promise<Rounds<Name, number>> {
  const timed = (times: number, text: string) => () =>
    medianMs(times, () => operator.query({ text, rowMode: 'array' }));
  const once = bench.quick ? 1 : 2;
  return measureRounds<Name, number>({
    contenders: {
      board: timed(20, BOARD),
      sameRows: timed(20, SAME_ROWS),
      boardFromLedger: timed(once, BOARD_FROM_LEDGER),
      month: timed(20, MONTH),
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

function figuresOf(measured: Rounds<Name, number>, rows: string): Record<string, Figure> {
  const ms = (name: Name): number => overRounds(measured, (round) => round[name]).value;
  const board = overRounds(measured, (round) => round.board / round.roundTrip);
  const month = overRounds(measured, (round) => round.monthFromLedger / round.month);
  const margins = overRounds(measured, (round) => round.marginsFromLedger / round.margins);
  const suffix = rows.replace(' ', '-');
  return {
    [`board-query-${suffix}`]: {
      ...board,
      unit: '× select 1',
      goal: '≤ 20',
      met: board.value <= 20,
      peers: {
        'board, ms': ms('board'),
        'the same rows from a plain table, ms': ms('sameRows'),
        'select 1, ms': ms('roundTrip'),
        'from the ledger, ms': ms('boardFromLedger'),
      },
      conditions: `${TENANTS} tenants, ${rows} ledger rows over 90 days, warm, client included`,
    },
    [`month-query-${suffix}`]: {
      ...month,
      unit: '× faster than from the ledger',
      goal: '≥ 100',
      met: month.value >= 100,
      peers: { 'month, ms': ms('month'), 'from the ledger, ms': ms('monthFromLedger') },
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
