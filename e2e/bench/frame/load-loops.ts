import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type { ClosedOrder, LoadReport, OpenOrder } from './load-order.ts';
import { percentile } from './statistics.ts';

export interface Caller {
  /** One call to its end; resolves with the status. */
  call(): Promise<number>;
  request(): Promise<Dispatcher.ResponseData>;
}

export async function closedLoop(caller: Caller, order: ClosedOrder): Promise<LoadReport> {
  const begun = performance.now();
  const until = begun + order.seconds * 1000;
  const tally = newTally();
  const connection = async (): Promise<void> => {
    while (performance.now() < until) await timed(caller, tally, performance.now());
  };
  await Promise.all(Array.from({ length: order.connections }, connection));
  return report(tally, (performance.now() - begun) / 1000);
}

/**
 * A call counts from the moment it was due, when those before it held up the connections; a late timer of our own does not
 * count, since the target could not know.
 */
export async function openLoop(caller: Caller, order: OpenOrder): Promise<LoadReport> {
  const begun = performance.now();
  const tally = newTally();
  const open = new Set<Promise<void>>();
  const total = Math.floor(order.seconds * order.perSecond);
  for (let index = 0; index < total; index += 1) {
    const due = begun + (index * 1000) / order.perSecond;
    const wait = due - performance.now();
    if (wait > 0) await delay(wait);
    const from = open.size >= order.connections ? due : performance.now();
    const call = timed(caller, tally, from).finally(() => open.delete(call));
    open.add(call);
  }
  await Promise.all(open);
  return report(tally, (performance.now() - begun) / 1000);
}

interface Tally {
  readonly micros: number[];
  readonly refusals: Record<string, number>;
}

const newTally = (): Tally => ({ micros: [], refusals: {} });

async function timed(caller: Caller, tally: Tally, from: number): Promise<void> {
  try {
    const status = await caller.call();
    if (status === 200) tally.micros.push((performance.now() - from) * 1000);
    else count(tally, String(status));
  } catch (error) {
    count(tally, error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
}

function count({ refusals }: Tally, reason: string): void {
  refusals[reason] = (refusals[reason] ?? 0) + 1;
}

function report({ micros, refusals }: Tally, seconds: number): LoadReport {
  return {
    calls: micros.length,
    failed: Object.values(refusals).reduce((sum, times) => sum + times, 0),
    refusals,
    seconds,
    p50: percentile(micros, 0.5),
    p95: percentile(micros, 0.95),
    p99: percentile(micros, 0.99),
  };
}
