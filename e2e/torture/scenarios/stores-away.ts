import { setTimeout as pause } from 'node:timers/promises';
import { integerBetween } from '../../../src-platform/local/seeded-random.ts';
import type { TestTenant } from '../../../src-platform/gateway/testing/tenant-calls.ts';
import type { Call } from '../call.ts';
import { untilGaugesAgree, untilGaugesSay } from '../gauges.ts';
import { startLoad } from '../load.ts';
import { untilServed } from '../recovery.ts';
import { ledgerFigures, makeTenants, none, settle, within, type Figures, type Scene } from '../scene.ts';
import { mostOver } from '../verdict.ts';

const CALLERS = 8;
const TENANTS = 4;
/** Never reached. */
const CAP = 1_000_000_000_000n;
const WAYS = ['refuse', 'silent'] as const;
const ANSWER_GOAL_MS = 1_000;
const WELL_GOAL_MS = 5_000;

/** A call as it went, and whether the store was away during all of it. */
interface Outage {
  readonly calls: readonly Call[];
  readonly during: readonly Call[];
}

/**
 * PostgreSQL away, cut or silent: what is granted is spent, to the last nano-USD at most; then 503, quickly; and soon after its return
 * all is well.
 */
export async function postgresAway(scene: Scene): Promise<Figures> {
  const { site, scale, random, broken } = scene;
  const tenants = await makeTenants(scene, TENANTS, () => CAP);
  const all: Call[] = [];
  const waits: number[] = [];
  const wellMs: number[] = [];
  const gaugesMs: number[] = [];
  let wrong = 0;
  let passed = 0;
  let beyond = 0n;
  for (const way of ways(scale.outages)) {
    const { calls, during } = await underLoad(scene, tenants, async (made) => {
      site.line('postgres', way);
      await pause(integerBetween(random, 2_000, 3_000));
      const granted = await grantedTo(scene, tenants);
      const back = performance.now();
      for (const [tenantId, amount] of granted) {
        const tags = new Set([...all, ...made()].flatMap((call) => (call.tenantId === tenantId ? [call.tag] : [])));
        const bill = site.provider.bill.filter(({ tag, arrivedAt }) => arrivedAt <= back && tags.has(tag ?? ''));
        const above = mostOver(bill, amount);
        if (above > 0n) broken(`tenant ${tenantId}, PostgreSQL away (${way}): ${above} nano-USD more than granted`);
        if (above > beyond) beyond = above;
      }
      site.line('postgres', 'forward');
      wellMs.push(await untilServed(scene, tenants, (call) => void all.push(call)));
    });
    all.push(...calls);
    for (const { tag, status, sentAt, endedAt, error } of during) {
      if (status === 503) waits.push(endedAt - sentAt);
      else if (status === 200) passed += 1;
      else {
        wrong += 1;
        broken(`call ${tag} heard ${status} while PostgreSQL was away (${way}): ${error}`);
      }
    }
    gaugesMs.push(await untilGaugesAgree(site, new Set(tenants.map(({ id }) => id))));
    scene.say(`PostgreSQL away (${way}): ${during.length} calls, well after ${Math.round(wellMs.at(-1) ?? 0)} ms`);
  }
  return {
    'postgres-away-beyond': none(Number(beyond), 'nano-USD spent beyond what was granted', `${passed} calls passed`),
    'postgres-away-wrong-answers': none(wrong, 'calls that heard anything but 200 or 503'),
    'postgres-away-503': within(longest(waits), ANSWER_GOAL_MS, 'ms at most until 503', waits.length),
    'postgres-away-recovery': within(
      Math.max(...wellMs),
      WELL_GOAL_MS,
      'ms at most from its return until every gateway is well',
      wellMs.length,
    ),
    ...ledgerFigures('postgres-away', await settle(scene, all), gaugesMs),
  };
}

/** Redis away, cut or silent: no call notices, and the gauges say so. */
export async function redisAway(scene: Scene): Promise<Figures> {
  const { site, scale, random, broken } = scene;
  const tenants = await makeTenants(scene, TENANTS, () => CAP);
  const all: Call[] = [];
  const saidMs: number[] = [];
  const wellMs: number[] = [];
  const gaugesMs: number[] = [];
  for (const way of ways(scale.outages)) {
    const { calls } = await underLoad(scene, tenants, async () => {
      site.line('redis', way);
      saidMs.push(await untilGaugesSay(site, 'redis', false));
      await pause(integerBetween(random, 100, 1_000));
      site.line('redis', 'forward');
      wellMs.push(await untilGaugesSay(site, 'redis', true));
    });
    all.push(...calls);
    gaugesMs.push(await untilGaugesAgree(site, new Set(tenants.map(({ id }) => id))));
    scene.say(
      `Redis away (${way}): ${calls.length} calls, said after ${saidMs.at(-1)} ms, back after ${wellMs.at(-1)} ms`,
    );
  }
  const wrong = all.filter(({ status }) => status !== 200);
  for (const { tag, status, error } of wrong) broken(`call ${tag} heard ${status} while Redis was away: ${error}`);
  return {
    'redis-away-wrong-answers': none(wrong.length, 'calls that did not pass', `of ${all.length}`),
    'redis-away-said': within(Math.max(...saidMs), WELL_GOAL_MS, 'ms at most until the gauges say so', saidMs.length),
    'redis-away-recovery': within(Math.max(...wellMs), WELL_GOAL_MS, 'ms at most until the gauges say it is back'),
    ...ledgerFigures('redis-away', await settle(scene, all), gaugesMs),
  };
}

/** Of any number; arguments of a call must not be too many. */
const longest = (waits: readonly number[]): number => waits.reduce((most, wait) => Math.max(most, wait), 0);

const ways = (outages: number): (typeof WAYS)[number][] => Array.from({ length: outages }, () => WAYS).flat();

const WARM_MS = 400;
const AFTER_MS = 300;

/** Some callers before, during and after an outage. */
async function underLoad(
  scene: Scene,
  tenants: readonly TestTenant[],
  outage: (made: () => readonly Call[]) => Promise<void>,
): Promise<Outage> {
  scene.signal.throwIfAborted();
  const load = startLoad({ scene, tenants, callers: CALLERS });
  let beganAt = 0;
  let endedAt = 0;
  try {
    await pause(WARM_MS);
    beganAt = performance.now();
    await outage(() => load.calls);
    endedAt = performance.now();
    await pause(AFTER_MS);
  } finally {
    await load.stop();
  }
  const during = load.calls.filter((call) => call.sentAt >= beganAt && call.endedAt <= endedAt);
  return { calls: load.calls, during };
}

/** What gateways may spend of each tenant's cap in all, nano-USD: PostgreSQL's own word. */
async function grantedTo({ site }: Scene, tenants: readonly TestTenant[]): Promise<Map<string, bigint>> {
  const { rows } = await site.db.owner.query<{ tenant_id: string; granted: string }>(
    'select tenant_id, granted_nanousd::text as granted from platform.cap_periods where tenant_id = any ($1)',
    [tenants.map(({ id }) => id)],
  );
  return new Map(rows.map(({ tenant_id: id, granted }) => [id, BigInt(granted)]));
}
