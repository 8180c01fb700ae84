import type { Page } from '@playwright/test';
import { startFaultProxy, type FaultProxy } from '../../../src-platform/testing/fault-proxy.ts';
import { startTestConsole } from '../../fixtures/test-console.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { startPlatform } from '../frame/platform.ts';
import { median, percentile, rangeOf, rounded } from '../frame/statistics.ts';
import { launchBrowser, now } from '../frame/window.ts';
import type { Workbench } from '../frame/workbench.ts';

const GIVE_UP_MS = 30_000;
/** The console's own beats are a second apart: a cut falls anywhere between two. */
const SPREAD_MS = 1_000;

/** The platform goes, database and gateway at once: milliseconds until the window says so; and back, until it is live again. */
export async function offline(bench: Workbench): Promise<BenchmarkResult> {
  const platform = await startPlatform(bench, { tenants: 12, history: 5_000 });
  const operator = platform.facts.operators.find(({ role }) => role === 'td_operator');
  if (!operator) throw new Error('The platform has no operator.');
  const lines = [await startFaultProxy(operator.postgres), await startFaultProxy(platform.gatewayUrl)] as const;
  for (const line of lines) bench.onClose(() => line.close());
  const [database, gateway] = lines;
  const operators = [{ ...operator, postgres: database.url }];
  const console = await startTestConsole({ ...platform.facts, operators, gateway: gateway.url }, 'operator');
  bench.onClose(() => console.close());
  const browser = await launchBrowser(bench);
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await console.open(page);
  await said(page, '· live');
  return {
    figures: {
      'offline-said-reset': await cuts(bench, page, lines, 'refuse'),
      'offline-said-silent': await cuts(bench, page, lines, 'silent'),
    },
  };
}

async function cuts(
  bench: Workbench,
  page: Page,
  lines: readonly FaultProxy[],
  mode: 'refuse' | 'silent',
): Promise<Figure> {
  const gone: number[] = [];
  const back: number[] = [];
  for (let cut = 0; cut < (bench.quick ? 3 : 20); cut += 1) {
    bench.signal.throwIfAborted();
    await page.waitForTimeout(SPREAD_MS * bench.random());
    const cutAt = now();
    for (const line of lines) line.set(mode);
    gone.push((await said(page, 'database away since')) - cutAt);
    // Whoever comes back does so on new connections.
    for (const line of lines) line.set('refuse');
    const healedAt = now();
    for (const line of lines) line.set('forward');
    back.push((await said(page, '· live')) - healedAt);
    bench.say(`${mode} ${cut + 1}: said after ${gone.at(-1)?.toFixed(0)} ms, live after ${back.at(-1)?.toFixed(0)} ms`);
  }
  const [least, most] = rangeOf(gone);
  return {
    value: rounded(median(gone)),
    unit: 'ms, median',
    range: [rounded(least), rounded(most)],
    samples: gone.length,
    peers: {
      p95: rounded(percentile(gone, 0.95)),
      'back: live again, median': rounded(median(back)),
      'back: live again, p95': rounded(percentile(back, 0.95)),
    },
    conditions:
      mode === 'refuse'
        ? 'connections to database and gateway are reset, new ones too'
        : 'connections stay open and nothing passes',
  };
}

/** When the window says these words of its connection, to within a frame. */
async function said(page: Page, words: string): Promise<number> {
  await page.waitForFunction(
    (words) => document.querySelector('output[aria-label=Connection]')?.textContent.includes(words) === true,
    words,
    { timeout: GIVE_UP_MS },
  );
  return now();
}
