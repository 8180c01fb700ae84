// The demo's live traffic, a process of its own: workflows of the demo tenants that call the gateway with their keys.
//   TENANTDESK_TRAFFIC_PLAN  file: what to do (JSON, `traffic-plan.ts`)
// Prints one JSON line when it begins, and its counts every ten seconds. SIGTERM ends it.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { createAskForMore } from './ask-for-more.ts';
import { callGateway } from './call-gateway.ts';
import { generateTraffic } from './traffic-generator.ts';
import { trafficPlanSchema } from './traffic-plan.ts';

const CONNECTIONS = 128;
const REPORT_EVERY_MS = 10_000;

const file = process.env['TENANTDESK_TRAFFIC_PLAN'] ?? '';
const plan = trafficPlanSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const stopping = new AbortController();
const client = new Pool(plan.gateway, { connections: CONNECTIONS, pipelining: 1 });
const askForMore = createAskForMore(client, () => performance.now());
const counts = { ok: 0, refused: 0, failed: 0, unreachable: 0 };

const traffic = generateTraffic(plan, {
  call: async (tenant, workflow) => {
    const result = await callGateway(client, tenant, workflow, Math.random);
    counts[result] += 1;
    if (result === 'refused') void askForMore.refused(tenant);
    return result;
  },
  random: Math.random,
  now: () => performance.now(),
  pause: (milliseconds) => pause(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined),
  signal: stopping.signal,
});
process.stdout.write(`${JSON.stringify({ ready: true, tenants: plan.tenants.length })}\n`);
const report = setInterval(() => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...counts })}\n`);
}, REPORT_EVERY_MS);

const stop = (): void => {
  stopping.abort();
  clearInterval(report);
  // Calls under way end with us: the gateway notes that nobody waited for their answers.
  void traffic.then(() => client.destroy()).finally(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
