import { describe, expect, it } from 'vitest';
import { watchBoard } from './watch-board.ts';

/** A window that shows these glances one after the other, the last one for ever. */
async function watch(glances: readonly (object | undefined)[], timeoutMs = 500) {
  let at = 0;
  let now = 1000;
  return watchBoard({
    window: {
      evaluate: () => {
        const glance = glances[Math.min(at++, glances.length - 1)];
        now += 50;
        return glance ? Promise.resolve(glance) : Promise.reject(new Error('Cannot find default execution context'));
      },
    },
    timeoutMs,
    pollMs: 0,
    clock: () => now,
    signal: new AbortController().signal,
  });
}

const gauges = (words: string) => ({ gauges: { 'Clinic B': words }, text: 'Board' });

describe('watching the board', () => {
  it('is content when a gauge moved twice', async () => {
    const shown = [
      undefined,
      gauges('unknown'),
      gauges('$1.00 of $25.00'),
      gauges('$1.01 of $25.00'),
      gauges('$1.02 of $25.00'),
    ];
    expect(await watch(shown)).toEqual({ ok: true, boardMs: 1150 });
  });

  it('says when there is no page, no gauge, no figure, or no movement', async () => {
    expect(await watch([undefined])).toMatchObject({ missing: expect.stringContaining('The page is empty') });
    expect(await watch([{ gauges: {}, text: 'Database\n away' }])).toMatchObject({
      missing: expect.stringContaining("no client's gauge appeared on the board. The page says: Database away"),
    });
    expect(await watch([gauges('unknown')])).toMatchObject({ missing: expect.stringContaining('unknown') });
    expect(await watch([gauges('$1 of $2'), gauges('$1.5 of $2')])).toMatchObject({
      missing: expect.stringContaining('did not move within 0.5 s'),
    });
  });
});
