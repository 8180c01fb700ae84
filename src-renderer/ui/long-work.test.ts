import { expect, it, vi } from 'vitest';
import { createLongWork } from './long-work.ts';

async function* counting(to: number, { signal }: { signal: AbortSignal }): AsyncGenerator<number> {
  for (let n = 1; n <= to && !signal.aborted; n += 1) {
    yield n;
    await Promise.resolve();
  }
}

it('tells how far it is, and what came of it', async () => {
  const work = createLongWork<number>();
  const told: unknown[] = [];
  work.state.subscribe(() => told.push(work.state.get()));
  work.start(async (options) => counting(2, options));
  await vi.waitFor(() => expect(work.state.get()).toEqual({ kind: 'done', result: 2 }));
  expect(told).toEqual([
    { kind: 'running', progress: null },
    { kind: 'running', progress: 1 },
    { kind: 'running', progress: 2 },
    { kind: 'done', result: 2 },
  ]);
});

it('runs once at a time, and again after it was cancelled', async () => {
  const work = createLongWork<number>();
  const opened: AbortSignal[] = [];
  const open = async (options: { signal: AbortSignal }) => {
    opened.push(options.signal);
    return counting(1_000_000, options);
  };
  work.start(open);
  work.start(open);
  expect(opened).toHaveLength(1);
  work.cancel();
  expect(opened[0]!.aborted).toBe(true);
  expect(work.state.get()).toEqual({ kind: 'cancelled' });
  work.start(async (options) => counting(1, options));
  await vi.waitFor(() => expect(work.state.get()).toEqual({ kind: 'done', result: 1 }));
});

it('says why it failed', async () => {
  const work = createLongWork<number>();
  work.start(() => Promise.reject(new Error('Another one runs.')));
  await vi.waitFor(() => expect(work.state.get()).toEqual({ kind: 'failed', reason: 'Another one runs.' }));
});
