import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLifetime, type Lifetime } from './lifetime.ts';

let said: string[];
let pretendProcess: EventEmitter & { ppid: number };
let lifetime: Lifetime;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  pretendProcess = Object.assign(new EventEmitter(), { ppid: 100 });
  lifetime = createLifetime({ process: pretendProcess, say: (line) => said.push(line) });
});
afterEach(() => vi.useRealTimers());

describe('the end', () => {
  it('closes in the opposite order, one after the other, once', async () => {
    const order: string[] = [];
    lifetime.onClose('first', () => void order.push('first'));
    lifetime.onClose('second', async () => {
      await Promise.resolve();
      order.push('second');
    });
    lifetime.end({ exitCode: 0 });
    lifetime.end({ exitCode: 1, message: 'too late' });
    expect(await lifetime.over).toEqual({ exitCode: 0 });
    expect(order).toEqual(['second', 'first']);
    expect(lifetime.signal.aborted).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('comes by %s', async (signal) => {
    pretendProcess.emit(signal);
    expect(await lifetime.over).toEqual({ exitCode: 0 });
  });

  it('comes when the parent is gone', async () => {
    await vi.advanceTimersByTimeAsync(1000);
    expect(lifetime.signal.aborted).toBe(false);
    pretendProcess.ppid = 1;
    await vi.advanceTimersByTimeAsync(300);
    expect((await lifetime.over).exitCode).toBe(1);
  });

  it('is not stopped by something that fails or never closes', async () => {
    const closed = vi.fn();
    lifetime.onClose('last', closed);
    lifetime.onClose('stuck', () => new Promise(() => undefined));
    lifetime.onClose('broken', () => Promise.reject(new Error('no')));
    lifetime.onClose('thrower', () => {
      throw new Error('at once');
    });
    lifetime.end({ exitCode: 0 });
    await vi.advanceTimersByTimeAsync(15_000);
    await lifetime.over;
    expect(closed).toHaveBeenCalledOnce();
    expect(said).toEqual([
      'tenantdesk: thrower: at once',
      'tenantdesk: broken: no',
      'tenantdesk: stuck: not closed after 15 s',
    ]);
  });

  it('closes at once what is opened too late', async () => {
    lifetime.end({ exitCode: 0 });
    await lifetime.over;
    const closed = vi.fn();
    lifetime.onClose('late', closed);
    expect(closed).toHaveBeenCalledOnce();
  });
});
