import { setTimeout as delay } from 'node:timers/promises';
import { memoryBytes } from '../frame/cpu-time.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { startPlatform } from '../frame/platform.ts';
import { openWindow } from '../frame/window.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const MOST_MB = 350;
const MEGABYTE = 1_000_000;

/** The console's main side and its page with 1,000 tenants and nothing going on. */
export async function memory(bench: Workbench): Promise<BenchmarkResult> {
  const platform = await startPlatform(bench, { tenants: TENANTS, history: 20_000 });
  const window = await openWindow(bench, platform, 'operator');
  await delay(bench.quick ? 5000 : 60_000);
  const main = memoryBytes(window.consolePid) / MEGABYTE;
  const page = Math.max(...window.rendererPids().map((pid) => memoryBytes(pid))) / MEGABYTE;
  const value = Math.round(main + page);
  return {
    figures: {
      'memory-idle': {
        value,
        unit: 'MB, main + page',
        goal: `≤ ${MOST_MB}`,
        met: value <= MOST_MB,
        peers: { 'main, MB': Math.round(main), 'page, MB': Math.round(page) },
        conditions: `${TENANTS} tenants, ${bench.quick ? 5 : 60} s after the board was shown; PSS of the Node process and of the page's renderer`,
      },
    },
  };
}
