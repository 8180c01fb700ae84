import { setTimeout as pause } from 'node:timers/promises';
import { integerBetween } from '../../../src-platform/local/seeded-random.ts';
import { knownAt } from '../../../src-platform/gateway/testing/tenant-calls.ts';
import type { Call } from '../call.ts';
import { startLoad } from '../load.ts';
import { ledgerFigures, makeTenants, none, settle, type Figures, type Scene } from '../scene.ts';

const CALLERS = 24;
const TENANTS = 8;
/** Never reached: whoever is refused for a cap here is refused wrongly. */
const CAP = 1_000_000_000_000n;

/** kill -9 of a gateway in the middle of its calls, again and again. */
export async function killGateways(scene: Scene): Promise<Figures> {
  const { site, scale, random } = scene;
  const calls = await underLoad(scene, async () => {
    for (let kill = 0; kill < scale.gatewayKills; kill += 1) {
      scene.goOn();
      const gateway = site.gateways[kill % site.gateways.length];
      await pause(integerBetween(random, 20, 300));
      await gateway?.kill();
      await gateway?.start();
    }
  });
  const settled = await settle(scene, calls);
  return { ...ledgerFigures(`gateway-kills`, settled), ...refusals('gateway-kills', calls) };
}

/** kill -9 of PostgreSQL: money that is held goes on, then 503, and soon after its return all is well. */
export async function killPostgres(scene: Scene): Promise<Figures> {
  const { site, scale, random, say } = scene;
  let slowest = 0;
  const tenants: string[] = [];
  const calls = await underLoad(scene, async (made, keys) => {
    tenants.push(...keys);
    for (let kill = 0; kill < scale.postgresKills; kill += 1) {
      scene.goOn();
      await pause(integerBetween(random, 50, 500));
      await site.killPostgres();
      const backAt = performance.now();
      const before = made.length;
      for (const { address } of site.gateways) {
        for (let known = false; !known;) known = await serves(address, tenants[0] ?? '');
      }
      while (!made.slice(before).some(({ status, sentAt }) => status === 200 && sentAt > backAt)) await pause(10);
      slowest = Math.max(slowest, performance.now() - backAt);
    }
  });
  const settled = await settle(scene, calls);
  const waits = calls.filter(({ status }) => status === 503).map(({ sentAt, endedAt }) => endedAt - sentAt);
  say(`${waits.length} calls heard 503, the slowest after ${Math.round(Math.max(0, ...waits))} ms`);
  return {
    ...ledgerFigures('postgres-kills', settled),
    ...refusals('postgres-kills', calls),
    'postgres-kills-recovery': {
      value: Math.round(slowest),
      unit: 'ms at most from its return to calls that pass',
      goal: '≤ 5000',
      met: slowest <= 5_000,
    },
    'postgres-kills-503': {
      value: Math.round(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0),
      unit: 'ms until 503 (p99)',
      samples: waits.length,
    },
  };
}

/** Redis killed or flushed: no call notices. */
export async function killRedis(scene: Scene): Promise<Figures> {
  const { site, scale, random } = scene;
  const calls = await underLoad(scene, async () => {
    for (let fault = 0; fault < scale.redisFaults; fault += 1) {
      scene.goOn();
      await pause(integerBetween(random, 50, 300));
      await (fault % 2 === 0 ? site.killRedis() : site.flushRedis());
    }
  });
  const settled = await settle(scene, calls);
  return {
    ...ledgerFigures('redis-faults', settled),
    'redis-faults-noticed': none(calls.filter(({ status }) => status !== 200).length, 'calls that did not pass'),
  };
}

/** Runs faults under the load of some callers; answers their calls. */
async function underLoad(
  scene: Scene,
  faults: (made: readonly Call[], keys: readonly string[]) => Promise<void>,
): Promise<readonly Call[]> {
  const { site, random } = scene;
  const tenants = await makeTenants(scene, TENANTS, () => CAP);
  const load = startLoad({ site, tenants, callers: CALLERS, random });
  try {
    await faults(
      load.calls,
      tenants.map(({ key }) => key),
    );
  } finally {
    await load.stop();
  }
  return load.calls;
}

async function serves(address: string, key: string): Promise<boolean> {
  try {
    await knownAt(address, key);
    return true;
  } catch {
    await pause(20);
    return false;
  }
}

function refusals(name: string, calls: readonly Call[]): Figures {
  const wrong = calls.filter(({ status }) => ![0, 200, 502, 503].includes(status));
  return { [`${name}-wrong-answers`]: none(wrong.length, 'calls that heard anything but 200, 502, 503 or nothing') };
}
