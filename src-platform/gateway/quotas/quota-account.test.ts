import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPretendQuotaStore, type PretendQuotaStore } from '../testing/pretend-quota-store.ts';
import { QuotaAccount } from './quota-account.ts';

interface Time {
  now: number;
}

function accountAt(
  store: PretendQuotaStore,
  name: string,
  limit: number,
  time: Time,
  seed: (() => number) | null = null,
) {
  const window = { start: 0, end: 60_000 };
  const account: QuotaAccount = new QuotaAccount(
    { tenantId: 't', quota: 'requests_per_minute', window, limit },
    {
      store: store.link(name, () => [account]),
      seed: seed === null ? null : () => Promise.resolve(seed()),
      monotonic: () => time.now,
      pause: async () => {
        for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      },
    },
  );
  return account;
}

const pay = async (account: QuotaAccount, units: number): Promise<boolean> =>
  account.takeIdle(units) || account.take(units);

describe('a quota of one gateway', () => {
  test('far from it a call costs next to no round trip', async () => {
    const store = createPretendQuotaStore();
    const time = { now: 0 };
    const account = accountAt(store, 'a', 1_000_000, time);
    for (let call = 0; call < 10_000; call += 1) {
      time.now += 10;
      expect(await pay(account, 1)).toBe(true);
    }
    expect(store.asks / 10_000).toBeLessThan(0.05);
  });

  test('so it does for a slow caller, between whose calls the account is looked over', async () => {
    const store = createPretendQuotaStore();
    const time = { now: 0 };
    const account = accountAt(store, 'a', 1_000, time);
    for (let call = 0; call < 30; call += 1) {
      time.now += 1_000;
      account.sweep();
      expect(await pay(account, 1)).toBe(true);
    }
    expect(store.asks).toBeLessThan(3);
  });

  test('calls that come together are asked for together', async () => {
    const store = createPretendQuotaStore();
    const account = accountAt(store, 'a', 100, { now: 0 });
    const passed = await Promise.all(Array.from({ length: 150 }, () => pay(account, 1)));
    expect(passed.filter(Boolean)).toHaveLength(100);
    expect(store.asks).toBeLessThan(5);
  });

  test('one that hammers a used up quota costs few round trips, and passes at once when something came free', async () => {
    const store = createPretendQuotaStore();
    const time = { now: 0 };
    const account = accountAt(store, 'a', 10, time);
    expect(await pay(account, 10)).toBe(true);
    for (let call = 0; call < 1_000; call += 1) {
      time.now += 1;
      expect(await pay(account, 1)).toBe(false);
    }
    expect(store.asks).toBeLessThan(15);
    account.end(1, 1);
    expect(await pay(account, 1)).toBe(true);
  });

  test('what is above the whole quota is refused unasked; a raised one is obeyed', async () => {
    const store = createPretendQuotaStore();
    const account = accountAt(store, 'a', 10, { now: 0 });
    expect(await pay(account, 11)).toBe(false);
    expect(store.asks).toBe(0);
    expect(await pay(account, 10)).toBe(true);
    expect(await pay(account, 1)).toBe(false);
    account.limit = 11;
    expect(await pay(account, 1)).toBe(true);
  });

  test('a store that forgot begins with what the ledger has', async () => {
    const store = createPretendQuotaStore();
    const account = accountAt(store, 'a', 100, { now: 0 }, () => 95);
    const passed = await Promise.all(Array.from({ length: 20 }, () => pay(account, 1)));
    expect(passed.filter(Boolean)).toHaveLength(5);
  });

  test('counts alone while the store is away, and tells it afterwards', async () => {
    const store = createPretendQuotaStore();
    const account = accountAt(store, 'a', 20, { now: 0 });
    expect(await pay(account, 5)).toBe(true);
    store.away = true;
    const passed = await Promise.all(Array.from({ length: 30 }, () => pay(account, 1)));
    expect(passed.filter(Boolean)).toHaveLength(15);
    store.away = false;
    account.sweep();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(store.handedOut).toBe(20);
  });

  test('more than was taken counts as well', async () => {
    const store = createPretendQuotaStore();
    const account = accountAt(store, 'a', 100, { now: 0 });
    expect(await pay(account, 100)).toBe(true);
    account.end(100, -30);
    account.sweep();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(store.handedOut).toBe(130);
  });
});

/**
 * A store that forgot in the middle: `before` calls of five units, some of them over by then, all of the others still open. A day has a
 * ledger with the calls that are over, a minute has none.
 */
describe.each([
  { window: 'a day', hasLedger: true },
  { window: 'a minute', hasLedger: false },
])('a store that forgot $window', ({ hasLedger }) => {
  test.each(['flushed', 'set back'] as const)('%s: to the last unit, and not one more', async (how) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10), fc.nat(10), fc.boolean(), async (before, after, gavePart) => {
        const store = createPretendQuotaStore();
        const time = { now: 0 };
        let settled = 0;
        const account = accountAt(store, 'a', 200, time, hasLedger ? () => settled : null);
        const call = async (): Promise<boolean> => {
          time.now += 150;
          return pay(account, 5);
        };
        expect(await call()).toBe(true);
        const setBack = store.remember();
        for (let made = 0; made < before; made += 1) expect(await call()).toBe(true);
        const cost = gavePart ? 3 : 5;
        const over = Math.min(after, before);
        for (let ended = 0; ended < over; ended += 1) {
          account.end(5, 5 - cost);
          settled += cost;
        }
        if (how === 'flushed') store.flush();
        else setBack();
        let spent = (1 + before - over) * 5 + over * cost;
        while (await call()) spent += 5;
        expect(spent).toBeLessThanOrEqual(200);
        // A store that was set back may count a little twice.
        expect(spent).toBeGreaterThan(how === 'flushed' ? 195 : 100);
      }),
      { numRuns: 100 },
    );
  });
});

describe('gateways together', () => {
  test('use a quota to the last unit, and not one more', async () => {
    const store = createPretendQuotaStore();
    const accounts = ['a', 'b', 'c'].map((name) => accountAt(store, name, 100, { now: 0 }));
    const calls = Array.from({ length: 300 }, (_, call) => pay(accounts[call % 3]!, 1));
    expect((await Promise.all(calls)).filter(Boolean)).toHaveLength(100);
  });

  /** One call after the other: refused exactly when the quota does not hold it, wherever the rest lies. */
  test('refuse exactly when there is no room, whatever lies idle where', async () => {
    const step = fc.record({
      who: fc.nat(2),
      units: fc.integer({ min: 1, max: 60 }),
      free: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
      sweep: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000 }), fc.array(step, { maxLength: 60 }), async (limit, steps) => {
        const store = createPretendQuotaStore();
        const time = { now: 0 };
        const accounts = ['a', 'b', 'c'].map((name) => accountAt(store, name, limit, time));
        let spent = 0;
        for (const { who, units, free, sweep } of steps) {
          time.now += 150;
          const account = accounts[who]!;
          const fits = spent + units <= limit;
          expect(await pay(account, units)).toBe(fits);
          if (fits) spent += units;
          if (fits && free !== null) {
            const back = Math.floor((units * free) / 100);
            account.end(units, back);
            spent -= back;
          }
          if (sweep) for (const each of accounts) each.sweep();
          expect(store.handedOut).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  test('never spend more than the quota together, all at once', async () => {
    const step = fc.record({ who: fc.nat(2), units: fc.integer({ min: 1, max: 40 }), turns: fc.nat(6) });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 500 }), fc.array(step, { maxLength: 60 }), async (limit, steps) => {
        const store = createPretendQuotaStore();
        const accounts = ['a', 'b', 'c'].map((name) => accountAt(store, name, limit, { now: 0 }));
        const calls: Promise<number>[] = [];
        for (const { who, units, turns } of steps) {
          calls.push(pay(accounts[who]!, units).then((passed) => (passed ? units : 0)));
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        }
        const spent = (await Promise.all(calls)).reduce((sum, units) => sum + units, 0);
        expect(spent).toBeLessThanOrEqual(limit);
        expect(store.handedOut).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });
});
