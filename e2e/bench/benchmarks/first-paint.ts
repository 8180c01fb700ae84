import type { Browser } from '@playwright/test';
import { startTestConsole } from '../../fixtures/test-console.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { startPlatform } from '../frame/platform.ts';
import { serveBuiltPage } from '../frame/built-page.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import { launchBrowser } from '../frame/window.ts';
import type { Workbench } from '../frame/workbench.ts';

interface Paint {
  /** Milliseconds from the navigation to the first content. */
  readonly first: number;
  /** … to the first gauge; NaN for a page without. */
  readonly gauge: number;
}

/** First content of the window, beside a page that is React and a heading; each time in a fresh profile. */
export async function firstPaint(bench: Workbench): Promise<BenchmarkResult> {
  const platform = await startPlatform(bench, { tenants: 12, history: 5000 });
  const console = await startTestConsole(platform.facts, 'operator');
  bench.onClose(() => console.close());
  const reactOnly = await serveBuiltPage(bench, 'react-only');
  const browser = await launchBrowser(bench);
  await load(browser, reactOnly, false);
  const measured = await measureRounds({
    contenders: {
      window: () => load(browser, console.newAddress(), true),
      reactOnly: () => load(browser, reactOnly, false),
    },
    rounds: bench.quick ? 5 : 15,
    random: bench.random,
    signal: bench.signal,
    onRound: ({ window, reactOnly }, number) =>
      bench.say(
        `round ${number}: window ${window.first.toFixed(0)} ms, gauges ${window.gauge.toFixed(0)} ms; React only ${reactOnly.first.toFixed(0)} ms`,
      ),
  });
  const ratio = overRounds(measured, ({ window, reactOnly }) => window.first / reactOnly.first);
  return {
    figures: {
      'first-paint': {
        ...ratio,
        unit: '× a React-only page',
        goal: '≤ 1.5',
        met: ratio.value <= 1.5,
        peers: {
          'window, ms': overRounds(measured, ({ window }) => window.first).value,
          'window to the first gauge, ms': overRounds(measured, ({ window }) => window.gauge).value,
          'React only, ms': overRounds(measured, ({ reactOnly }) => reactOnly.first).value,
        },
        conditions: 'first contentful paint in a fresh context each time, served on loopback',
      },
    },
  };
}

async function load(browser: Browser, address: string, gauges: boolean): Promise<Paint> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.goto(address);
    if (gauges) await page.getByRole('meter').first().waitFor();
    const gauge = gauges ? await page.evaluate(() => performance.now()) : Number.NaN;
    const first = await page.evaluate(() => {
      const { promise, resolve } = Promise.withResolvers<number>();
      new PerformanceObserver((list) => {
        for (const entry of list.getEntriesByName('first-contentful-paint')) resolve(entry.startTime);
      }).observe({ type: 'paint', buffered: true });
      return promise;
    });
    return { first, gauge };
  } finally {
    await context.close();
  }
}
