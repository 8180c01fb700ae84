import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { createFakePlatform } from '../testing/fake-platform.ts';
import { createGatewayParts } from './gateway-parts.ts';

let clock: FakeClock;
let platform: ReturnType<typeof createFakePlatform>;
let parts: ReturnType<typeof createGatewayParts>;
let told: number;

const ONE = { id: '00000007-0000-4000-8000-000000000001', name: 'one', silentMs: 0 };
const TWO = { id: '00000007-0000-4000-8000-000000000002', name: 'two', silentMs: 120 };

beforeEach(() => {
  clock = createFakeClock();
  platform = createFakePlatform(() => clock.now());
  parts = createGatewayParts({ ...platform.gateway, clock });
  told = 0;
  parts.subscribe(() => (told += 1));
});
afterEach(() => {
  parts.close();
  expect(platform.hearers).toBe(0);
});

describe('what the live gateway tells of its parts', () => {
  it('is nothing until a frame came, and nothing again when the gateway is away', () => {
    const nobody = { gatewayDatabase: null, redis: null, gateways: [], providersAway: [] };
    expect(parts.get()).toEqual(nobody);
    platform.frame('snapshot', [], [ONE]);
    expect(parts.get()).toMatchObject({ redis: { state: 'live' }, gateways: [{ name: 'one', silentSince: null }] });
    platform.away();
    expect(parts.get()).toEqual(nobody);
  });

  it('is told once for each change, whatever the ages do', async () => {
    platform.frame('snapshot', [], [ONE, TWO]);
    platform.frame('heartbeat', [], [ONE, { ...TWO, silentMs: 900 }]);
    expect(told).toBe(1);
    await clock.advance(6_000);
    platform.frame('heartbeat', [], [ONE, { ...TWO, silentMs: 6_000 }]);
    await clock.advance(1_000);
    platform.frame('heartbeat', [], [ONE, { ...TWO, silentMs: 7_000 }]);
    expect(told).toBe(2);
    expect(parts.get().gateways[1]).toEqual({ id: TWO.id, name: 'two', silentSince: new Date('2026-11-20T09:00:00Z') });
    platform.frame('heartbeat', [], [ONE, TWO]);
    expect(parts.get().gateways[1]?.silentSince).toBeNull();
  });

  it('names the providers that do not answer, and since when', async () => {
    const openai = { id: 'openai', awayMs: 700 };
    platform.frame('snapshot', [], [ONE], undefined, [openai]);
    const since = new Date(clock.now().getTime() - 700);
    expect(parts.get().providersAway).toEqual([{ id: 'openai', since }]);
    await clock.advance(1_000);
    platform.frame('heartbeat', [], [ONE], undefined, [{ ...openai, awayMs: 1_750 }]);
    expect(parts.get().providersAway).toEqual([{ id: 'openai', since }]);
    expect(told).toBe(1);
    platform.frame('heartbeat', [], [ONE]);
    expect(parts.get().providersAway).toEqual([]);
  });

  it('says since when a store is away, and why that matters', async () => {
    platform.frame('snapshot', [], [ONE]);
    await clock.advance(1_000);
    const since = clock.now();
    platform.frame('heartbeat', [], [ONE], { postgres: true, redis: false });
    await clock.advance(1_000);
    platform.frame('heartbeat', [], [ONE], { postgres: false, redis: false });
    expect(parts.get()).toMatchObject({
      redis: { state: 'away', since, reason: expect.stringContaining('Caps hold all the same') },
      gatewayDatabase: { state: 'away', since: clock.now() },
    });
    platform.frame('heartbeat', [], [ONE]);
    expect(parts.get()).toMatchObject({ redis: { state: 'live' }, gatewayDatabase: { state: 'live', reason: null } });
  });
});
