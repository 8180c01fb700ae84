import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Socket } from './electron-port.ts';
import { WatchedSocket } from './watched-socket.ts';

class FakeSocket extends EventTarget implements Socket {
  binaryType: BinaryType = 'arraybuffer';
  readyState: Socket['readyState'] = WebSocket.CONNECTING;
  closed = 0;
  readonly sent: unknown[] = [];
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed += 1;
  }
  open(): void {
    this.readyState = WebSocket.OPEN;
    this.dispatchEvent(new Event('open'));
  }
  say(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

let fake: FakeSocket;
let line: WatchedSocket;
let events: string[];

beforeEach(() => {
  vi.useFakeTimers();
  fake = new FakeSocket();
  line = new WatchedSocket(fake, () => performance.now());
  events = [];
  for (const type of ['open', 'message', 'close']) line.addEventListener(type, () => events.push(type));
});
afterEach(() => vi.useRealTimers());

describe('a watched socket', () => {
  it('passes on what happens, and lives as long as it hears something', () => {
    fake.open();
    for (let beat = 0; beat < 10; beat += 1) {
      vi.advanceTimersByTime(3_000);
      fake.say('beat');
    }
    expect(events).toEqual(['open', ...Array.from({ length: 10 }, () => 'message')]);
    expect(line.readyState).toBe(WebSocket.OPEN);
  });

  it('is closed at once when nothing is heard for some seconds, whatever the socket believes', () => {
    fake.open();
    fake.say('beat');
    vi.advanceTimersByTime(5_000);
    expect(events).toEqual(['open', 'message', 'close']);
    expect(line.readyState).toBe(WebSocket.CLOSED);
    expect(fake.closed).toBe(1);
    fake.say('late');
    expect(events).not.toContain('late');
    expect(events).toHaveLength(3);
  });

  it('gives up on one that never opens, or opens and stays mute', () => {
    vi.advanceTimersByTime(5_000);
    expect(events).toEqual(['close']);
    const mute = new FakeSocket();
    const second = new WatchedSocket(mute, () => performance.now());
    mute.open();
    vi.advanceTimersByTime(5_000);
    expect(second.readyState).toBe(WebSocket.CLOSED);
  });

  it('says once that it is over', () => {
    fake.open();
    fake.dispatchEvent(new Event('close'));
    vi.advanceTimersByTime(60_000);
    expect(events).toEqual(['open', 'close']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
