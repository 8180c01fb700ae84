import { setTimeout as pause } from 'node:timers/promises';
import { integerBetween } from '../../../src-platform/local/seeded-random.ts';
import type { TestTenant } from '../../../src-platform/gateway/testing/tenant-calls.ts';
import type { Call } from '../call.ts';
import { untilGaugesAgree } from '../gauges.ts';
import { startLoad } from '../load.ts';
import { untilServed } from '../recovery.ts';
import { ledgerFigures, makeTenants, none, settle, watchSums, within, type Figures, type Scene } from '../scene.ts';

const CALLERS = 24;
const TENANTS = 8;
/** Never reached: whoever is refused for a cap here is refused wrongly. */
const CAP = 1_000_000_000_000n;
/** Times that the callers rest, to see that the gauges become the ledger. */
const RESTS = 5;
const RECOVERY_GOAL_MS = 5_000;
const ANSWER_GOAL_MS = 1_000;

/** kill -9 of a gateway in the middle of its calls, again and again. */
export async function killGateways(scene: Scene): Promise<Figures> {
  const { site, scale, random } = scene;
  const { calls, gaugesMs } = await underLoad(scene, scale.gatewayKills, async (kill) => {
    const gateway = site.gateways[kill % site.gateways.length];
    await pause(integerBetween(random, 20, 300));
    await gateway?.kill();
    await gateway?.start();
  });
  const settled = await settle(scene, calls);
  return {
    ...ledgerFigures('gateway-kills', settled, gaugesMs),
    ...wrongAnswers(scene, 'gateway-kills', calls, [0, 200, 503]),
  };
}

/** kill -9 of PostgreSQL: money that is held goes on, then 503, and soon after its return all is well. */
export async function killPostgres(scene: Scene): Promise<Figures> {
  const { site, scale, random } = scene;
  let slowest = 0;
  const { calls, gaugesMs } = await underLoad(scene, scale.postgresKills, async (_kill, tenants, onCall) => {
    await pause(integerBetween(random, 50, 500));
    await site.killPostgres();
    slowest = Math.max(slowest, await untilServed(scene, tenants, onCall));
  });
  const settled = await settle(scene, calls);
  const waits = calls.filter(({ status }) => status === 503).map(({ sentAt, endedAt }) => endedAt - sentAt);
  return {
    ...ledgerFigures('postgres-kills', settled, gaugesMs),
    ...wrongAnswers(scene, 'postgres-kills', calls, [200, 503]),
    'postgres-kills-recovery': within(
      slowest,
      RECOVERY_GOAL_MS,
      'ms at most from its return until every gateway is well',
      scale.postgresKills,
    ),
    'postgres-kills-503': within(percentile(waits, 0.99), ANSWER_GOAL_MS, 'ms until 503 (p99)', waits.length),
  };
}

/** Redis killed or flushed: no call notices. */
export async function killRedis(scene: Scene): Promise<Figures> {
  const { site, scale, random } = scene;
  const { calls, gaugesMs } = await underLoad(scene, scale.redisFaults, async (fault) => {
    await pause(integerBetween(random, 50, 300));
    await (fault % 2 === 0 ? site.killRedis() : site.flushRedis());
  });
  const settled = await settle(scene, calls);
  return {
    ...ledgerFigures('redis-faults', settled, gaugesMs),
    ...wrongAnswers(scene, 'redis-faults', calls, [200]),
  };
}

/** Runs so many faults under the load of some callers, who rest a few times. */
async function underLoad(
  scene: Scene,
  faults: number,
  fault: (index: number, tenants: readonly TestTenant[], onCall: (call: Call) => void) => Promise<void>,
): Promise<{ readonly calls: Call[]; readonly gaugesMs: number[] }> {
  const { site, signal } = scene;
  const tenants = await makeTenants(scene, TENANTS, () => CAP);
  const ids = new Set(tenants.map(({ id }) => id));
  const sums = watchSums(scene);
  const calls: Call[] = [];
  const gaugesMs: number[] = [];
  try {
    for (let index = 0; index < faults;) {
      const restAt = Math.min(faults, index + Math.ceil(faults / RESTS));
      const load = startLoad({ scene, tenants, callers: CALLERS });
      try {
        for (; index < restAt; index += 1) {
          signal.throwIfAborted();
          await fault(index, tenants, (call) => void calls.push(call));
        }
      } finally {
        await load.stop();
        calls.push(...load.calls);
      }
      gaugesMs.push(await untilGaugesAgree(site, ids));
      scene.say(`${index} of ${faults} faults, ${calls.length} calls, gauges after ${gaugesMs.at(-1)} ms`);
    }
  } finally {
    await sums.stop();
  }
  return { calls, gaugesMs };
}

function wrongAnswers({ broken }: Scene, name: string, calls: readonly Call[], right: readonly number[]): Figures {
  const wrong = calls.filter(({ status }) => !right.includes(status));
  for (const { tag, tenantId, status, error } of wrong) broken(`call ${tag} of ${tenantId} heard ${status}: ${error}`);
  return {
    [`${name}-wrong-answers`]: none(
      wrong.length,
      `calls that heard anything but ${right.map((status) => (status === 0 ? 'nothing' : status)).join(', ')}`,
    ),
  };
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}
