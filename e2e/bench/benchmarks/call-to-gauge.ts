import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { Pool } from 'undici';
import type { PlatformTenant } from '../../fixtures/local-platform.ts';
import { cpuMicros, memoryBytes } from '../frame/cpu-time.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { startLoad } from '../frame/load.ts';
import type { LoadReport } from '../frame/load-order.ts';
import { startPlatform, type BenchPlatform } from '../frame/platform.ts';
import { percentile, rangeOf, rounded } from '../frame/statistics.ts';
import { now, openWindow, type BenchWindow } from '../frame/window.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const WATCHED = 8;
const LIMIT_MS = 1000;
const MOST_CPU = 0.15;
const GIVE_UP_MS = 10_000;
/** Calls a second besides the watched ones: the first of these that the machine carries. */
const BACKGROUND_RATES = [500, 300, 200, 100, 50, 20] as const;
/** Every client calls once: what its first call fetches is no part of a rate. */
const FIRST_CALLS = { perSecond: 150, seconds: 8 } as const;
const MOST_REFUSED = 100;
const AFTER_REFUSAL_MS = 300;
/** A call that moves the amount on the board by cents. */
const VISIBLE_CALL = JSON.stringify({
  model: 'gpt-4o',
  max_tokens: 2000,
  messages: [{ role: 'user', content: '[answer fast] [answer 2000 tokens] Summarise the treatment plan.' }],
});
const BACKGROUND_CALL = JSON.stringify({
  model: 'gpt-4o-mini',
  max_tokens: 64,
  messages: [{ role: 'user', content: '[answer 40 tokens] When is the next free appointment?' }],
});

/**
 * From the end of a call's answer (the gateway settles before that) to its tenant's amount on the board of the real window,
 * with 1,000 tenants of whom most are calling. Also the console's processor share meanwhile.
 */
export async function callToGauge(bench: Workbench): Promise<BenchmarkResult> {
  const wanted = bench.quick ? 24 : 240;
  const platform = await startPlatform(bench, { tenants: TENANTS, history: 60_000 });
  const watched = await chooseWatched(platform);
  const window = await openWindow(bench, platform, 'operator');
  await prepareWatching(window.page, watched);
  const load = await startLoad(bench);
  const others = platform.tenants.filter((tenant) => !watched.includes(tenant));
  const callOthers = (perSecond: number, seconds: number): Promise<LoadReport> =>
    load.run({
      kind: 'open',
      url: `${platform.gatewayUrl}/v1/chat/completions`,
      headers: others.map(({ apiKey }) => callHeaders(apiKey)),
      body: BACKGROUND_CALL,
      connections: 1024,
      perSecond,
      seconds,
    });
  const asked = await carriedRate(bench, callOthers);
  const background = callOthers(asked, bench.quick ? 25 : 110);
  // It fails with the rest when the benchmark is given up; then nobody waits for it.
  background.catch(() => undefined);
  await delay(3000);
  const cpuBefore = cpuMicros(window.consolePid);
  const gatewayBefore = cpuMicros(platform.gatewayPid);
  const commitsBefore = await platform.commits();
  const begun = now();
  const offset = await window.clockOffsetMs();
  const lanes = watched.map((tenant) => sampleLane(bench, platform, window, tenant, wanted / WATCHED, offset));
  const samples = (await Promise.all(lanes)).flat();
  const micros = (now() - begun) * 1000;
  const share = rounded((cpuMicros(window.consolePid) - cpuBefore) / micros);
  const gatewayShare = rounded((cpuMicros(platform.gatewayPid) - gatewayBefore) / micros);
  const perSecond = ((await platform.commits()) - commitsBefore) / (micros / 1e6);
  bench.say('waiting for the background calls to end …');
  const done: LoadReport = await background;
  const p95 = rounded(percentile(samples, 0.95));
  const [least, most] = rangeOf(samples);
  const reached = Math.round(done.calls / done.seconds);
  const conditions = `${TENANTS} tenants, ${reached} other calls/s answered (${asked} asked for, ${done.failed} failed), ${WATCHED} tenants watched`;
  return {
    figures: {
      'call-to-gauge': {
        value: p95,
        unit: 'ms, p95',
        goal: `≤ ${LIMIT_MS}`,
        met: p95 <= LIMIT_MS,
        range: [rounded(least), rounded(most)],
        samples: samples.length,
        peers: { p50: rounded(percentile(samples, 0.5)), p99: rounded(percentile(samples, 0.99)) },
        conditions,
      },
      'console-cpu': {
        value: share,
        unit: 'of a core, main side',
        goal: `≤ ${MOST_CPU}`,
        met: share <= MOST_CPU,
        peers: {
          'gateway, of a core': gatewayShare,
          'console main side, MB': Math.round(memoryBytes(window.consolePid) / 1e6),
        },
        conditions,
      },
      'store-trips-many-tenants': {
        value: rounded(perSecond / (reached + samples.length / (micros / 1e6))),
        unit: 'transactions of PostgreSQL a call',
        goal: '≤ 0.05 far from the cap',
        met: perSecond / reached <= 0.05,
        conditions: `${conditions}; each tenant calls every ${(TENANTS / reached).toFixed(1)} s; the console's own included`,
      },
    },
  };
}

const callHeaders = (apiKey: string): Record<string, string> => ({
  authorization: `Bearer ${apiKey}`,
  'content-type': 'application/json',
});

/** Tries the rates from above; carried is what is answered in its time, nearly all with success. */
async function carriedRate(
  bench: Workbench,
  callOthers: (perSecond: number, seconds: number) => Promise<LoadReport>,
): Promise<number> {
  await callOthers(FIRST_CALLS.perSecond, FIRST_CALLS.seconds);
  for (const rate of BACKGROUND_RATES) {
    const { calls, failed, seconds, p95, refusals } = await callOthers(rate, 6);
    bench.say(
      `${rate} calls/s tried: ${(calls / seconds).toFixed(0)}/s answered, ${failed} failed ${JSON.stringify(refusals)}, p95 ${(p95 / 1000).toFixed(0)} ms`,
    );
    // The pretend provider takes 0.25 to 1.5 s and fails at 1.5 % of the calls.
    if (calls / seconds > rate * 0.7 && failed < calls * 0.05 && p95 < 2_500_000) return rate;
  }
  return BACKGROUND_RATES.at(-1) ?? 0;
}

/** The tenants that have spent most, with a cap just above that: they stand at the top of the board, near their cap. */
async function chooseWatched(platform: BenchPlatform): Promise<PlatformTenant[]> {
  const { rows } = await platform.admin.query<{ tenant_id: string; charged: string }>(
    `select tenant_id, charged_nanousd as charged from platform.board
     where cap_id is not null and status = 'active' order by charged_nanousd desc limit $1`,
    [WATCHED],
  );
  const chosen: PlatformTenant[] = [];
  for (const { tenant_id: id, charged } of rows) {
    const tenant = platform.tenants.find((one) => one.id === id);
    if (!tenant) continue;
    await platform.setCap(id, (BigInt(charged) * 100n) / 96n + 2_000_000_000n);
    chosen.push(tenant);
  }
  return chosen;
}

/** Puts a watcher of amounts into the page: `benchWatch(tenant)` resolves with the page's clock when the amount changes. */
async function prepareWatching(page: Page, watched: readonly PlatformTenant[]): Promise<void> {
  for (const { id } of watched) await page.locator(`[data-tenant="${id}"]`).waitFor({ timeout: 30_000 });
  await page.evaluate(() => {
    const column = [...document.querySelectorAll('[role=columnheader]')].findIndex(
      (header) => header.textContent?.trim() === 'Committed',
    );
    const amount = (id: string): string | undefined =>
      document.querySelectorAll(`[data-tenant="${id}"] [role=gridcell]`)[column]?.textContent ?? undefined;
    const watch = (id: string, giveUpMs: number): Promise<number | null> => {
      const before = amount(id);
      const { promise, resolve } = Promise.withResolvers<number | null>();
      const observer = new MutationObserver(() => {
        const after = amount(id);
        if (after !== undefined && after !== before) resolve(performance.timeOrigin + performance.now());
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      setTimeout(() => resolve(null), giveUpMs);
      return promise.finally(() => observer.disconnect());
    };
    Reflect.set(window, 'benchWatch', watch);
  });
}

/** One tenant's calls, one after the other, each until the board shows it. */
async function sampleLane(
  bench: Workbench,
  platform: BenchPlatform,
  { page }: BenchWindow,
  tenant: PlatformTenant,
  wanted: number,
  offset: number,
): Promise<number[]> {
  const http = new Pool(platform.gatewayUrl, { connections: 1 });
  bench.onClose(() => http.destroy());
  const headers = callHeaders(tenant.apiKey);
  const samples: number[] = [];
  let refused = 0;
  while (samples.length < wanted) {
    bench.signal.throwIfAborted();
    const moved = page.evaluate(
      ([id, giveUpMs]) => {
        const watch = Reflect.get(window, 'benchWatch') as (id: string, giveUpMs: number) => Promise<number | null>;
        return watch(id, giveUpMs);
      },
      [tenant.id, GIVE_UP_MS] as const,
    );
    // Where its call is refused nobody waits for it; it only looks, until it gives up.
    moved.catch(() => undefined);
    // The watcher looks at the amount before the call is sent.
    await page.evaluate(() => undefined);
    const answer = await http.request({ path: '/v1/chat/completions', method: 'POST', headers, body: VISIBLE_CALL });
    await answer.body.dump();
    const answered = now();
    if (answer.statusCode !== 200) {
      refused += 1;
      if (refused > MOST_REFUSED) throw new Error(`${refused} watched calls were not answered 200.`);
      await delay(AFTER_REFUSAL_MS);
      continue;
    }
    const at = await moved;
    if (at === null) {
      const shown = await page.locator(`[data-tenant="${tenant.id}"]`).allInnerTexts();
      throw new Error(`${tenant.name}'s amount did not move within ${GIVE_UP_MS} ms. Its row says: ${shown.join()}`);
    }
    samples.push(at + offset - answered);
    await delay(400 * bench.random());
  }
  return samples;
}
