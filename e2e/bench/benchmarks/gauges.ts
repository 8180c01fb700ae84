import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from '@playwright/test';
import { serveBuiltPage } from '../frame/built-page.ts';
import type { BenchmarkResult } from '../frame/figure.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import { percentile } from '../frame/statistics.ts';
import { launchBrowser } from '../frame/window.ts';
import type { Workbench } from '../frame/workbench.ts';

type Variant = 'nothing' | 'board' | 'canvas' | 'recharts';

interface Sample {
  /** Milliseconds of the page's main thread for each tick of the feed. */
  readonly taskMs: number;
  readonly frameP95Ms: number;
}

const WARM_MS = 1500;
const FRAME_MS = 17.5;

/** A thousand clients that all change ten times a second: the window's own table beside one canvas and beside recharts. */
export async function gauges(bench: Workbench): Promise<BenchmarkResult> {
  const address = await serveBuiltPage(bench, 'gauges');
  const browser = await launchBrowser(bench);
  const watchMs = bench.quick ? 2000 : 5000;
  const show = (variant: Variant) => () => watch(browser, `${address}#${variant}`, watchMs);
  const measured = await measureRounds<Variant, Sample>({
    contenders: {
      nothing: show('nothing'),
      board: show('board'),
      canvas: show('canvas'),
      recharts: show('recharts'),
    },
    rounds: bench.quick ? 3 : 7,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `round ${number}: ${Object.entries(round)
          .map(
            ([name, { taskMs, frameP95Ms }]) => `${name} ${taskMs.toFixed(1)} ms (frame p95 ${frameP95Ms.toFixed(1)})`,
          )
          .join(', ')}`,
      ),
  });
  // The feed itself, which every variant has, is taken off.
  const own = (round: Record<Variant, Sample>, variant: Variant): number =>
    round[variant].taskMs - round.nothing.taskMs;
  const ofCanvas = overRounds(measured, (round) => own(round, 'board') / own(round, 'canvas'));
  const underRecharts = overRounds(measured, (round) => own(round, 'recharts') / own(round, 'board'));
  const frame = overRounds(measured, ({ board }) => board.frameP95Ms);
  const ms = (variant: Variant): number => overRounds(measured, (round) => round[variant].taskMs).value;
  return {
    figures: {
      'gauges-of-canvas': {
        ...ofCanvas,
        unit: '× one canvas',
        goal: '≤ 2',
        met: ofCanvas.value <= 2,
        peers: {
          'board, ms a tick': ms('board'),
          'canvas, ms a tick': ms('canvas'),
          'recharts, ms a tick': ms('recharts'),
          'the feed alone, ms a tick': ms('nothing'),
        },
        conditions:
          '1,000 clients at 10 Hz, 1440 × 900, main-thread time less that of the feed alone; headless, software raster',
      },
      'gauges-under-recharts': {
        ...underRecharts,
        unit: '× less than recharts',
        goal: '≥ 50',
        met: underRecharts.value >= 50,
      },
      'gauges-frame': { ...frame, unit: 'ms, frame p95', goal: `≤ ${FRAME_MS}`, met: frame.value <= FRAME_MS },
    },
  };
}

async function watch(browser: Browser, address: string, forMs: number): Promise<Sample> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));
    await page.goto(address);
    await page.waitForFunction(() => Reflect.has(window, 'benchTicks'), undefined, { timeout: 60_000 });
    await delay(WARM_MS);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable');
    const taskSeconds = async (): Promise<number> => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    const ticks = (): Promise<number> => page.evaluate(() => Number(Reflect.get(window, 'benchTicks')));
    const [tasksBefore, ticksBefore] = [await taskSeconds(), await ticks()];
    const frames = await page.evaluate(async (forMs) => {
      const gaps: number[] = [];
      const until = performance.now() + forMs;
      let last = performance.now();
      while (last < until) {
        const { promise, resolve } = Promise.withResolvers<number>();
        requestAnimationFrame(resolve);
        await promise;
        const at = performance.now();
        gaps.push(at - last);
        last = at;
      }
      return gaps;
    }, forMs);
    const taskMs = (((await taskSeconds()) - tasksBefore) * 1000) / Math.max(1, (await ticks()) - ticksBefore);
    if (failures.length > 0) throw new Error(`${address}: ${failures[0]}`);
    return { taskMs, frameP95Ms: percentile(frames, 0.95) };
  } finally {
    await context.close();
  }
}
