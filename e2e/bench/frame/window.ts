import path from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { sandboxedChromium } from '../../fixtures/sandboxed-chromium.ts';
import type { BenchPlatform } from './platform.ts';
import { descendants } from './process-tree.ts';
import type { Workbench } from './workbench.ts';

export interface BenchWindow {
  readonly page: Page;
  /** Process of the console's main side. */
  readonly consolePid: number;
  /** Processes that draw pages. */
  rendererPids(): number[];
  /** Milliseconds to add to the page's clock (`timeOrigin + now()`) to have ours; to within half a round trip, well under 1 ms. */
  clockOffsetMs(): Promise<number>;
}

/** The console in its browser shell with a real window on it, for the operator with that role. */
export async function openWindow(bench: Workbench, platform: BenchPlatform, role: string): Promise<BenchWindow> {
  bench.say('opening the console and its window …');
  const { child } = await bench.startNode('console-process.ts', {
    readyTimeoutMs: 120_000,
    env: { TENANTDESK_BENCH_FACTS: JSON.stringify({ ...platform.facts, tenants: [] }), TENANTDESK_BENCH_ROLE: role },
  });
  const address = child.readyLine.split(' ')[2] ?? '';
  const browser = await launchBrowser(bench);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.getByRole('meter').first().waitFor({ timeout: 60_000 });
  return {
    page,
    consolePid: child.pid,
    rendererPids: () =>
      descendants(process.pid)
        .filter(({ command }) => command.includes('--type=renderer'))
        .map(({ pid }) => pid),
    clockOffsetMs: () => clockOffset(page),
  };
}

/** The Chromium that the console itself would take, without a window; closed with the benchmark. */
export async function launchBrowser(bench: Workbench): Promise<Browser> {
  const { executablePath, env } = await sandboxedChromium(path.join(bench.folder, 'chromium'));
  const browser = await chromium.launch({ executablePath, env, chromiumSandbox: true, handleSIGINT: false });
  bench.onClose(() => browser.close());
  return browser;
}

async function clockOffset(page: Page): Promise<number> {
  let best = { roundTrip: Number.POSITIVE_INFINITY, offset: 0 };
  for (let turn = 0; turn < 30; turn += 1) {
    const before = now();
    const theirs = await page.evaluate(() => performance.timeOrigin + performance.now());
    const after = now();
    if (after - before < best.roundTrip) best = { roundTrip: after - before, offset: (before + after) / 2 - theirs };
  }
  return best.offset;
}

/** Our clock, with parts of a millisecond. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
