import { setTimeout as delay } from 'node:timers/promises';
import { Client as Database } from 'pg';
import { Client as Http } from 'undici';
import type { Page } from '@playwright/test';
import { formatUsd } from '../../../src-renderer/ui/format-usd.ts';
import type { PlatformTenant } from '../../fixtures/local-platform.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { startPlatform, type BenchPlatform } from '../frame/platform.ts';
import { median, percentile, rangeOf, rounded } from '../frame/statistics.ts';
import { now, openWindow } from '../frame/window.ts';
import type { Workbench } from '../frame/workbench.ts';

/** Milliseconds from the click to … */
interface Sample {
  /** … the answer headers of the first accepted call. */
  readonly obeyed: number;
  /** … the database's announcement of the change (sent when it is committed). */
  readonly committed: number;
}

const LIMIT_MS = 250;
const GIVE_UP_MS = 10_000;
/** The window takes a second click within 500 ms for the other half of a double click. */
const BETWEEN_CLICKS_MS = 520;
const BODY = JSON.stringify({
  model: 'gpt-4o',
  max_tokens: 16,
  messages: [{ role: 'user', content: '[answer fast] [answer 8 tokens] When is the next free appointment?' }],
});

/**
 * A refused tenant's "+10 %" is clicked in the real window while its caller keeps calling: milliseconds from the click's event
 * to the first accepted call's answer headers. Then the cap is lowered from outside until it refuses again.
 */
export async function clickToObey(bench: Workbench): Promise<BenchmarkResult> {
  const changes = bench.quick ? 15 : 200;
  const platform = await startPlatform(bench, { tenants: 12, history: 20_000 });
  const tenant = platform.tenants.find(({ slug }) => slug === 'clinic-b');
  if (!tenant) throw new Error('The platform has no Clinic B.');
  const window = await openWindow(bench, platform, 'admin');
  const { page } = window;
  await page.getByRole('searchbox', { name: 'Filter clients' }).fill(tenant.slug);
  await page.evaluate(() => {
    addEventListener(
      'click',
      (event) => Reflect.set(window, 'benchClick', performance.timeOrigin + event.timeStamp),
      true,
    );
  });
  const caller = keepCalling(bench, platform.gatewayUrl, tenant.apiKey);
  const announced = await listen(bench, platform, tenant);
  const samples: Sample[] = [];
  let offset = 0;
  for (let change = 0; change < changes; change += 1) {
    bench.signal.throwIfAborted();
    await refuse(platform, tenant, page, caller);
    if (change % 20 === 0) offset = await window.clockOffsetMs();
    await page.getByRole('button', { name: `Raise cap of ${tenant.name} by 10 %` }).click();
    const accepted = await caller.next(200);
    const clicked = (await page.evaluate(() => Number(Reflect.get(window, 'benchClick')))) + offset;
    samples.push({ obeyed: accepted - clicked, committed: announced.lastAt() - clicked });
    if ((change + 1) % 20 === 0) {
      bench.say(`${change + 1} changes, median ${median(samples.map(({ obeyed }) => obeyed)).toFixed(1)} ms`);
    }
    await delay(BETWEEN_CLICKS_MS * (1 + 0.3 * bench.random()));
  }
  const obeyed = samples.map((sample) => sample.obeyed);
  const p99 = rounded(percentile(obeyed, 0.99));
  const [least, most] = rangeOf(obeyed);
  return {
    figures: {
      'click-to-obey': {
        value: p99,
        unit: 'ms, p99',
        goal: `≤ ${LIMIT_MS}`,
        met: p99 <= LIMIT_MS,
        range: [rounded(least), rounded(most)],
        samples: samples.length,
        peers: {
          p50: rounded(percentile(obeyed, 0.5)),
          p95: rounded(percentile(obeyed, 0.95)),
          'click to commit, p50': rounded(median(samples.map(({ committed }) => committed))),
          'commit to accepted, p50': rounded(median(samples.map((sample) => sample.obeyed - sample.committed))),
        },
        conditions: 'from the click event in Chromium to the answer headers of a caller that calls without a pause',
      },
    },
  };
}

interface Caller {
  /** When the next answer with that status to a call made from now on has come. */
  next(status: number): Promise<number>;
}

/** Calls one after the other on one connection, as long as the benchmark runs. */
function keepCalling(bench: Workbench, origin: string, apiKey: string): Caller {
  const http = new Http(origin);
  const over = new AbortController();
  let waiting: { status: number; since: number; found: (at: number) => void } | undefined;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const loop = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const begun = now();
      const answer = await http.request({ path: '/v1/chat/completions', method: 'POST', headers, body: BODY });
      const at = now();
      await answer.body.dump();
      if (waiting && waiting.status === answer.statusCode && begun >= waiting.since) {
        waiting.found(at);
        waiting = undefined;
      }
    }
  };
  const running = loop().catch((error: unknown) => {
    if (!over.signal.aborted) bench.say(`the caller stopped: ${String(error)}`);
  });
  bench.onClose(async () => {
    over.abort();
    await http.destroy();
    await running;
  });
  return {
    async next(status) {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      waiting = { status, since: now(), found: resolve };
      const timer = setTimeout(() => reject(new Error(`No answer ${status} within ${GIVE_UP_MS} ms.`)), GIVE_UP_MS);
      return promise.finally(() => clearTimeout(timer));
    },
  };
}

/** Lowers the cap to what is spent and waits until calls are refused and the window shows the cap, so that it can be clicked. */
async function refuse(platform: BenchPlatform, tenant: PlatformTenant, page: Page, caller: Caller): Promise<void> {
  const { charged } = await platform.capOf(tenant.id);
  await platform.setCap(tenant.id, charged);
  await caller.next(402);
  const words = `of ${formatUsd(charged)} committed`;
  await page.waitForFunction(
    (words) => document.querySelector('[role=meter]')?.getAttribute('aria-valuetext')?.includes(words),
    words,
    { timeout: GIVE_UP_MS },
  );
}

async function listen(
  bench: Workbench,
  platform: BenchPlatform,
  tenant: PlatformTenant,
): Promise<{ lastAt: () => number }> {
  const database = new Database({ connectionString: platform.ownerUrl });
  database.on('error', () => undefined);
  await database.connect();
  bench.onClose(() => database.end());
  let at = Number.NaN;
  database.on('notification', ({ payload }) => {
    if (payload?.includes(tenant.id) && payload.includes('"caps"')) at = now();
  });
  await database.query('listen platform_changed');
  return { lastAt: () => at };
}
