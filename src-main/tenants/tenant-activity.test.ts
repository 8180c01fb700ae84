import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantActivity } from '../contract/tenants.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { createFakePlatform, fakeLiveTenant } from '../testing/fake-platform.ts';
import { watchActivity } from './tenant-activity.ts';

let clock: FakeClock;
let log: FakeLogger;
let platform: ReturnType<typeof createFakePlatform>;
let loads: number;
let load: () => Promise<Omit<TenantActivity, 'trouble'> | undefined>;
let stream: AsyncGenerator<TenantActivity, void, unknown>;
let frames: TenantActivity[];
let kept: TenantActivity | undefined;

beforeEach(async () => {
  clock = createFakeClock();
  log = createFakeLogger();
  platform = createFakePlatform(() => clock.now());
  loads = 0;
  kept = undefined;
  load = async () => ({ calls: [], refusals: [], asOf: clock.now() });
  frames = [];
  const tenantId = fakeLiveTenant(1, clock.now()).id;
  const loadCounted = (): Promise<Omit<TenantActivity, 'trouble'> | undefined> => {
    loads += 1;
    return load();
  };
  stream = watchActivity(
    { load: loadCounted, keep: (value) => (kept = value), kept: () => kept, gateway: platform.gateway, clock, log },
    tenantId,
  );
  void (async () => {
    for await (const frame of stream) frames.push(frame);
  })();
  await clock.advance(0);
});

afterEach(async () => {
  await stream.return();
  await settle();
  expect([clock.timers, platform.hearers]).toEqual([0, 0]);
});

/** The gateways' counters of the watched tenant move. */
function calls(count: number, index = 1): void {
  platform.frame('changes', [{ ...fakeLiveTenant(index, clock.now()), callsLastMinute: count }]);
}

describe('the activity of a tenant', () => {
  it('is read at once, and now and then while nothing is heard', async () => {
    expect(frames).toHaveLength(1);
    await clock.advance(10_000);
    expect(loads).toBe(3);
  });

  it('is read soon after a counter moved, and once more when the ledger has followed', async () => {
    await clock.advance(600);
    calls(7);
    await clock.advance(10);
    expect(loads).toBe(2);
    await clock.advance(1_100);
    expect(loads).toBe(3);
  });

  it('is read at most twice a second, however fast the counters move', async () => {
    for (let step = 0; step < 40; step += 1) {
      calls(step);
      await clock.advance(100);
    }
    expect(loads).toBeGreaterThan(6);
    expect(loads).toBeLessThanOrEqual(10);
  });

  it('is not read for other tenants, nor for a frame that says nothing new', async () => {
    await clock.advance(600);
    calls(7);
    await clock.advance(1_500);
    const before = loads;
    calls(7);
    calls(3, 2);
    platform.frame('heartbeat', []);
    await clock.advance(1_500);
    expect(loads).toBe(before);
  });

  it('says why it is from before while the database is away, and keeps what it has', async () => {
    const first = frames.at(-1)!;
    load = () => Promise.reject(new OperatorError('UNAVAILABLE', 'Away.'));
    await clock.advance(5_000);
    expect(frames.at(-1)).toEqual({ ...first, trouble: expect.stringContaining('database does not answer') });
    expect(log.lines).toEqual([]);
    load = async () => ({ calls: [], refusals: [], asOf: clock.now() });
    await clock.advance(5_000);
    expect(frames.at(-1)).toMatchObject({ trouble: null, asOf: clock.now() });
  });

  it('tells a defect to the log and the operator a sentence', async () => {
    load = () => Promise.reject(new TypeError('no such column secret'));
    await clock.advance(5_000);
    expect(log.lines).toMatchObject([{ level: 'error' }]);
    expect(frames.at(-1)?.trouble).toMatch(/could not be read/);
    expect(frames.at(-1)?.trouble).not.toContain('secret');
  });

  it('ends when the operator sees the tenant no longer', async () => {
    load = async () => undefined;
    await clock.advance(5_000);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('one slow read holds up the next, and only the newest wish counts', async () => {
    await clock.advance(600);
    const slow = Promise.withResolvers<undefined>();
    load = () => slow.promise.then(() => ({ calls: [], refusals: [], asOf: clock.now() }));
    calls(1);
    await clock.advance(10);
    for (let step = 2; step < 20; step += 1) calls(step);
    await clock.advance(3_000);
    expect(loads).toBe(2);
    slow.resolve(undefined);
    await clock.advance(1_000);
    expect(loads).toBe(3);
  });
});
