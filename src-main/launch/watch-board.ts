import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { AppWindow } from '../browser/app-window.ts';

export type BoardCheck =
  { readonly ok: true; readonly boardMs: number } | { readonly ok: false; readonly missing: string };

/** What each gauge says, by its name; and the beginning of the page's text for a message. */
const glance = z.object({ gauges: z.record(z.string(), z.string()), text: z.string() });

const GLANCE = `(() => ({
  gauges: Object.fromEntries([...document.querySelectorAll('[role=meter]')].map((gauge, index) => [
    gauge.getAttribute('aria-label') ?? String(index), gauge.getAttribute('aria-valuetext') ?? gauge.textContent ?? ''])),
  text: (document.body?.innerText ?? '').slice(0, 300),
}))()`;

const POLL_MS = 100;
const WANTED_CHANGES = 2;

/**
 * Watches the real page until a gauge's words have changed twice. `boardMs`: milliseconds of `clock` at which the first
 * gauge showed known figures.
 */
export async function watchBoard(options: {
  readonly window: Pick<AppWindow, 'evaluate'>;
  readonly timeoutMs: number;
  /** Milliseconds since the start of the command. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; 100 when absent. */
  readonly pollMs?: number;
}): Promise<BoardCheck> {
  const deadline = options.clock() + options.timeoutMs;
  const last = new Map<string, string>();
  const changes = new Map<string, number>();
  let boardMs: number | undefined;
  let text = '';
  while (options.clock() < deadline && !options.signal.aborted) {
    // Right after navigation there is no page to ask for a moment.
    const seen = glance.safeParse(await options.window.evaluate(GLANCE).catch(() => undefined));
    if (seen.success) {
      text = seen.data.text;
      for (const [name, words] of Object.entries(seen.data.gauges)) {
        if (!/unknown/i.test(words)) boardMs ??= Math.round(options.clock());
        if (last.has(name) && last.get(name) !== words) changes.set(name, (changes.get(name) ?? 0) + 1);
        last.set(name, words);
      }
      if (boardMs !== undefined && Math.max(0, ...changes.values()) >= WANTED_CHANGES) return { ok: true, boardMs };
    }
    await delay(options.pollMs ?? POLL_MS);
  }
  const shown = text === '' ? 'The page is empty.' : `The page says: ${text.replaceAll(/\s+/g, ' ')}`;
  if (last.size === 0) return { ok: false, missing: `no client's gauge appeared on the board. ${shown}` };
  if (boardMs === undefined) return { ok: false, missing: `all gauges stayed unknown. ${shown}` };
  return { ok: false, missing: `the gauges appeared but did not move within ${options.timeoutMs / 1000} s. ${shown}` };
}
