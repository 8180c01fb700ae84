import { exponentialMs, weightedPick, type Random } from '../seeded-random.ts';
import type { CallResult } from './call-gateway.ts';
import type { TrafficPlan, TrafficTenant, TrafficWorkflow } from './traffic-plan.ts';

export interface TrafficPorts {
  readonly call: (tenant: TrafficTenant, workflow: TrafficWorkflow) => Promise<CallResult>;
  readonly random: Random;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Waits so many milliseconds, or until the signal. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How one tenant behaves now. */
interface Caller {
  readonly tenant: TrafficTenant;
  /** Times the usual rate; changes when the burst (or the lull) ends. */
  burst: number;
  burstEndsAt: number;
  open: number;
  /** After a refusal or a failure to connect a workflow waits a little before it tries again. */
  waitUntil: number;
}

const MOST_OPEN_A_TENANT = 24;
const AFTER_REFUSAL_MS = 1_200;
const AFTER_NO_ANSWER_MS = 500;

/**
 * Calls come as a Poisson process for each tenant, its rate changing every half minute or so. Nobody waits for an answer before the next
 * call, as many customers do not wait for each other. A refused tenant goes on asking, more slowly, so that a raised cap shows at once.
 */
export async function generateTraffic(plan: TrafficPlan, ports: TrafficPorts): Promise<void> {
  const { random, now, pause, signal } = ports;
  const callers = plan.tenants.map((tenant): Caller => ({ tenant, burst: 1, burstEndsAt: 0, open: 0, waitUntil: 0 }));
  if (callers.length === 0) return;
  // The sum of the highest rates drives the clock; a caller below its highest lets the surplus pass.
  const highest = callers.reduce((sum, { tenant }) => sum + tenant.callsPerSecond * highestBurst(tenant), 0);
  let next = now();
  while (!signal.aborted) {
    next += exponentialMs(random, highest);
    const wait = next - now();
    if (wait > 1) {
      await pause(wait);
      if (signal.aborted) break;
    } else if (wait < -5_000) {
      next = now();
    }
    const caller = weightedPick(random, callers, ({ tenant }) => tenant.callsPerSecond * highestBurst(tenant));
    changeMood(caller, random, now());
    if (random() * highestBurst(caller.tenant) > caller.burst) continue;
    if (caller.open >= MOST_OPEN_A_TENANT || caller.waitUntil > now()) continue;
    void makeCall(caller, ports);
  }
}

async function makeCall(caller: Caller, { call, random, now }: TrafficPorts): Promise<void> {
  const workflow = weightedPick(random, caller.tenant.workflows, ({ weight }) => weight);
  caller.open += 1;
  const result = await call(caller.tenant, workflow);
  caller.open -= 1;
  if (result === 'refused') caller.waitUntil = now() + AFTER_REFUSAL_MS * (0.5 + random());
  if (result === 'unreachable') caller.waitUntil = now() + AFTER_NO_ANSWER_MS * (0.5 + random());
}

function highestBurst({ bursts }: TrafficTenant): number {
  return bursts ? 2.4 : 1;
}

/** Half a minute or so at one pace: mostly a little under the usual, now and then far above. The mean is about 1. */
function changeMood(caller: Caller, random: Random, at: number): void {
  if (!caller.tenant.bursts || at < caller.burstEndsAt) return;
  const roll = random();
  caller.burst = roll < 0.2 ? 0.4 : roll < 0.78 ? 0.9 : roll < 0.92 ? 1.4 : 2.4;
  caller.burstEndsAt = at + 12_000 + random() * 40_000;
}
