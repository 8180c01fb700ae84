import { describe, expect, it } from 'vitest';
import { createStateFeed } from './state-feed.ts';

interface Value {
  readonly n: number;
}

describe('a stream of state', () => {
  it('begins with the value now and skips what a slow reader missed', async () => {
    const feed = createStateFeed<Value>({ n: 0 });
    const stream = feed.watch();
    expect((await stream.next()).value).toEqual({ n: 0 });
    feed.set({ n: 1 });
    feed.set({ n: 2 });
    expect((await stream.next()).value).toEqual({ n: 2 });
    await stream.return();
  });

  it('wakes a reader that waits', async () => {
    const feed = createStateFeed<Value>({ n: 0 });
    const stream = feed.watch();
    await stream.next();
    const waiting = stream.next();
    feed.set({ n: 1 });
    expect(await waiting).toEqual({ done: false, value: { n: 1 } });
    await stream.return();
  });

  it.each([
    ['its reader returns', (stream: AsyncGenerator<Value, void>) => void stream.return()],
    [
      'its reader throws',
      (stream: AsyncGenerator<Value, void>) => void stream.throw(new Error('left')).catch(() => undefined),
    ],
    ['the window left', (_stream: AsyncGenerator<Value, void>, gone: AbortController) => gone.abort()],
    ['the feed closes', (_stream: AsyncGenerator<Value, void>, _gone: AbortController, close: () => void) => close()],
  ])('ends while a read waits when %s, and leaves no listener', async (_name, leave) => {
    const feed = createStateFeed<Value>({ n: 0 });
    const gone = new AbortController();
    const stream = feed.watch(gone.signal);
    await stream.next();
    expect(feed.listeners).toBe(1);
    const waiting = stream.next();
    leave(stream, gone, () => feed.close());
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(feed.listeners).toBe(0);
    expect((await stream.next()).done).toBe(true);
  });

  it('never starts for a window that left before', async () => {
    const feed = createStateFeed<Value>({ n: 0 });
    const stream = feed.watch(AbortSignal.abort());
    expect((await stream.next()).done).toBe(true);
    expect(feed.listeners).toBe(0);
  });

  it('that nobody read has no listener', () => {
    const feed = createStateFeed<Value>({ n: 0 });
    feed.watch();
    expect(feed.listeners).toBe(0);
  });
});
