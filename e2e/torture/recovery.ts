import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import type { TestTenant } from '../../src-platform/gateway/testing/tenant-calls.ts';
import { createClients, makeCall, planCall, type Call } from './call.ts';
import type { Scene } from './scene.ts';

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 30_000;
let probes = 0;

/** Milliseconds until every gateway reads the database, listens to it, and passes a call of a tenant; NaN: not within half a minute. */
export async function untilServed(
  { site, random }: Scene,
  tenants: readonly TestTenant[],
  onCall: (call: Call) => void,
): Promise<number> {
  const startedAt = performance.now();
  const clients = createClients();
  const [tenant] = tenants;
  if (tenant === undefined) throw new Error('Nobody to call for.');
  try {
    for (const { address } of site.gateways) {
      for (;;) {
        if (performance.now() - startedAt > PATIENCE_MS) return Number.NaN;
        if (await isWell(address, site.operator.gatewayToken)) {
          probes += 1;
          const call = await makeCall(clients, address, planCall(tenant, `probe-${probes}`, random));
          onCall(call);
          if (call.status === 200) break;
        }
        await pause(LOOK_EVERY_MS);
      }
    }
  } finally {
    await clients.close();
  }
  return performance.now() - startedAt;
}

/** The token is looked up in the database, so an answer at all says that it is read. */
async function isWell(address: string, token: string): Promise<boolean> {
  try {
    const { body } = await request(`${address}/admin/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    const { stores } = (await body.json()) as { stores?: { postgres: boolean; listening: boolean } };
    return stores?.postgres === true && stores.listening;
  } catch {
    return false;
  }
}
