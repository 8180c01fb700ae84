import { randomUUID } from 'node:crypto';
import { GATEWAY_ID, keyId, startDatabase, tenantId, workflowId } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import { ratePerSecond } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const CONNECTIONS = [1, 16] as const;
const TAKE = 'select platform.take_grant($1, $2, $3, $4, $5, clock_timestamp(), $6, $6)';
const STEP = 100_000_000n;

/** Grants a second from PostgreSQL, flushed to disk: one tenant that everybody asks for, and a thousand. */
export async function takeGrant(bench: Workbench): Promise<BenchmarkResult> {
  const database = await startDatabase(bench, TENANTS);
  const pool = database.pool('gateway', 16);
  /** A grant is an account: each ask raises its amount. One a worker and tenant, as each gateway has its own. */
  const accounts = new Map<string, { id: string; amount: bigint }>();
  const take = async (tenant: number, worker: number): Promise<number> => {
    const key = `${tenant}/${worker}`;
    const account = accounts.get(key) ?? { id: randomUUID(), amount: 0n };
    accounts.set(key, account);
    account.amount += STEP;
    await pool.query(TAKE, [
      GATEWAY_ID,
      tenantId(tenant),
      keyId(tenant),
      workflowId(tenant),
      account.id,
      account.amount.toString(),
    ]);
    return 1;
  };
  const seconds = bench.quick ? 0.7 : 2;
  const anyone = (): number => 1 + Math.floor(bench.random() * TENANTS);
  const figures: Record<string, Figure> = {};
  for (const connections of CONNECTIONS) {
    const measured = await measureRounds({
      contenders: {
        hot: () => ratePerSecond(seconds, connections, (worker) => take(1, worker)),
        spread: () => ratePerSecond(seconds, connections, (worker) => take(anyone(), worker)),
        roundTrip: () =>
          ratePerSecond(seconds, connections, async () => {
            await pool.query('select 1');
            return 1;
          }),
      },
      rounds: bench.quick ? 3 : 7,
      random: bench.random,
      signal: bench.signal,
      onRound: ({ hot, spread, roundTrip }, number) =>
        bench.say(
          `${connections} connections, round ${number}: one tenant ${hot.toFixed(0)}/s, ${TENANTS} tenants ${spread.toFixed(0)}/s, select 1 ${roundTrip.toFixed(0)}/s`,
        ),
    });
    const roundTrip = overRounds(measured, (round) => round.roundTrip).value;
    figures[`take-grant-hot-${connections}`] = {
      ...overRounds(measured, ({ hot }) => hot),
      unit: 'grants/s, one tenant',
      peers: { 'select 1': roundTrip },
      conditions: `${connections} connections from Node, one cap, flushed to disk`,
    };
    figures[`take-grant-spread-${connections}`] = {
      ...overRounds(measured, ({ spread }) => spread),
      unit: `grants/s, ${TENANTS} tenants`,
      peers: { 'select 1': roundTrip },
    };
  }
  return { figures };
}
