/**
 * The network between any two parts is gone for ten seconds: the window says so, shows no confident zero and is live again by
 * itself. All pairs at once, each with a console of its own; cut (connections are reset) and as a black hole (they stay open,
 * what is sent vanishes).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { PAIRS, type Closers, type Rig } from './fixtures/cut-rigs.ts';
import type { TestPlatform } from './fixtures/local-platform.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';

const CUT_MS = 10_000;
/** From the cut to the words of it. */
const SAID_WITHIN_MS = 9_000;
const LIVE_WITHIN_MS = 15_000;

/** Milliseconds from `since` until the connection's words are these. */
async function saidAfter({ board, pair }: Rig, words: RegExp, since: number, timeout: number): Promise<number> {
  await expect.poll(() => board.connection.textContent(), { message: pair, intervals: [50], timeout }).toMatch(words);
  return Math.round(performance.now() - since);
}

/** Everything here spent something: a zero would be one that nobody vouches for. */
async function expectNoZero({ board, pair }: Rig, platform: TestPlatform): Promise<void> {
  for (const { name } of platform.tenants) {
    await expect(board.gauge(name), pair).not.toHaveAttribute('aria-valuetext', /^(today )?0 %/);
  }
  await expect(board.tile('Committed this period'), pair).not.toContainText(/\$0(\.0+)?$/);
}

for (const mode of ['refuse', 'silent'] as const) {
  test(
    mode === 'refuse'
      ? 'each pair cut for ten seconds: said, no zero, back by itself'
      : 'each pair in a black hole for ten seconds: said, no zero, back by itself',
    { tag: '@browser' },
    async ({ platform, browser }) => {
      test.setTimeout(120_000);
      const closers: Closers = [];
      try {
        // Everybody spends something today, so that a zero is a wrong one.
        for (const tenant of platform.tenants) expect((await callGateway(platform, tenant)).status).toBe(200);
        const rigs: Rig[] = [];
        for (const open of PAIRS) rigs.push(await open({ platform, browser, closers }));
        for (const rig of rigs) await saidAfter(rig, /live/, 0, LIVE_WITHIN_MS);

        const cutAt = performance.now();
        for (const rig of rigs) rig.set(mode);
        const asked = Promise.all(rigs.map(async (rig) => rig.asked?.(mode)));
        const said = await Promise.all(rigs.map((rig) => saidAfter(rig, rig.says, cutAt, SAID_WITHIN_MS)));
        await asked;
        await Promise.all(rigs.map(async (rig) => rig.meanwhile?.(mode)));
        await Promise.all(rigs.map((rig) => expectNoZero(rig, platform)));
        await pause(Math.max(0, cutAt + CUT_MS - performance.now()));
        for (const rig of rigs) {
          expect(await rig.board.connection.textContent(), rig.pair).toMatch(rig.says);
          await test
            .info()
            .attach(`${rig.pair} ${mode}`, { body: await rig.page.screenshot(), contentType: 'image/png' });
        }

        const healedAt = performance.now();
        for (const rig of rigs) rig.set('forward');
        const live = await Promise.all(rigs.map((rig) => saidAfter(rig, / · live$/, healedAt, LIVE_WITHIN_MS)));
        await Promise.all(rigs.map((rig) => expectNoZero(rig, platform)));
        for (const rig of rigs) {
          await expect(rig.page.getByRole('status').filter({ hasText: /since \d\d:\d\d/ })).toHaveCount(0);
        }
        await Promise.all(rigs.map(async (rig) => rig.afterwards?.(mode)));
        for (const [index, { pair }] of rigs.entries()) {
          const description = `${pair}, ${mode}: said after ${said[index]} ms, live ${live[index]} ms after the end`;
          test.info().annotations.push({ type: 'measured', description });
        }
      } finally {
        for (let close = closers.pop(); close; close = closers.pop()) await close();
      }
    },
  );
}
