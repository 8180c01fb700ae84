import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPretendAuthority } from '../testing/pretend-authority.ts';
import type { GrantAuthority } from './grant-authority.ts';
import type { LowerBounds, Taken } from './waiting-calls.ts';
import { Wallet } from './wallet.ts';

interface Time {
  now: number;
}

function makeWallet(authority: GrantAuthority, time: Time, others: () => Wallet[] = () => []): Wallet {
  const identity = { tenantId: 't', keyId: null, workflowId: null, grantId: `grant-${Math.random()}` };
  return new Wallet(identity, {
    authority,
    databaseNow: () => time.now,
    monotonic: () => time.now,
    figures: () => ({ committed: 0n, held: 0n }),
    onScopes: () => undefined,
    recall: async (_tenant, asking) => {
      for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
      const holders = others().filter((wallet) => wallet !== asking && wallet.holding);
      const back = await Promise.all(holders.map((wallet) => wallet.callBack()));
      return back.includes(false) ? 'silent' : 'all';
    },
  });
}

/** As a call that is worth at least a quarter of its bound. */
const trimmable =
  (bound: bigint): LowerBounds =>
  (remaining) =>
    remaining * 4n < bound ? undefined : { bound: remaining, trimmedTo: Number(remaining) };

async function takeAll(wallet: Wallet, bounds: readonly bigint[]): Promise<Taken[]> {
  return Promise.all(bounds.map(async (bound) => wallet.take(bound, 0)));
}

async function settleDown(...wallets: Wallet[]): Promise<void> {
  for (let round = 0; round < 50; round += 1) await Promise.resolve();
  for (const wallet of wallets) await wallet.quiet();
}

describe('a wallet', () => {
  test('asks once for all that wait, and not at all while its balance suffices', async () => {
    const authority = createPretendAuthority(1_000_000n);
    const wallet = makeWallet(authority, { now: 0 });
    const taken = await takeAll(
      wallet,
      Array.from({ length: 64 }, () => 100n),
    );
    expect(taken.every(({ kind }) => kind === 'taken')).toBe(true);
    expect(authority.asks).toBeLessThanOrEqual(2);
    for (let call = 0; call < 2_000; call += 1) {
      wallet.settle(100n, 1n, true);
      const again = wallet.take(100n, 0);
      expect((await again).kind).toBe('taken');
    }
    // 2,000 calls of a nano-dollar each draw on what was taken ahead.
    expect(authority.asks).toBeLessThan(30);
  });

  test('uses a cap to the last call, and refuses with what is left', async () => {
    const authority = createPretendAuthority(1_000n);
    const wallet = makeWallet(authority, { now: 0 });
    const taken = await takeAll(
      wallet,
      Array.from({ length: 11 }, () => 100n),
    );
    expect(taken.filter(({ kind }) => kind === 'taken')).toHaveLength(10);
    expect(taken.find(({ kind }) => kind === 'refused')).toMatchObject({ remaining: 0n });
  });

  test('lets the calls that fit through and refuses the others of the same ask', async () => {
    const authority = createPretendAuthority(1_000n);
    const wallet = makeWallet(authority, { now: 0 });
    const taken = await takeAll(wallet, [700n, 500n, 300n]);
    expect(taken.map(({ kind }) => kind)).toEqual(['taken', 'refused', 'taken']);
  });

  test('trims the last call to exactly what the whole ones leave over', async () => {
    const authority = createPretendAuthority(1_000n);
    const wallet = makeWallet(authority, { now: 0 });
    const taken = await Promise.all(
      [700n, 500n, 200n, 90n, 10n].map(async (bound) => wallet.take(bound, 0, trimmable(bound))),
    );
    expect(taken.map((each) => (each.kind === 'taken' ? [each.bound, each.trimmedTo] : each.kind))).toEqual([
      [700n, null],
      'refused',
      [200n, null],
      [90n, null],
      [10n, null],
    ]);
    wallet.settle(700n, 400n, true);
    expect(await wallet.take(1_201n, 0, trimmable(1_201n))).toMatchObject({ kind: 'refused', remaining: 300n });
    expect(await wallet.take(1_200n, 0, trimmable(1_200n))).toEqual({ kind: 'taken', bound: 300n, trimmedTo: 300 });
    expect(wallet.held).toBe(600n);
    expect(authority.granted).toBe(1_000n);
  });

  test('trims nobody before the idle money of others was called back', async () => {
    const authority = createPretendAuthority(1_000n);
    const time = { now: 0 };
    const wallets: Wallet[] = [];
    const [first, second] = [makeWallet(authority, time), makeWallet(authority, time, () => wallets)];
    wallets.push(first, second);
    await first.take(600n, 0);
    first.settle(600n, 100n, true);
    expect(await second.take(900n, 0, trimmable(900n))).toEqual({ kind: 'taken', bound: 900n, trimmedTo: null });
  });

  test('answers a call that comes at any moment of a refusal', async () => {
    for (let turns = 0; turns < 15; turns += 1) {
      const wallet = makeWallet(createPretendAuthority(100n), { now: 0 });
      await wallet.take(100n, 0);
      await settleDown(wallet);
      const first = wallet.take(50n, 0);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const second = Promise.resolve(wallet.take(20n, 0));
      const lost = settleDown(wallet).then(() => ({ kind: 'lost' }));
      expect(await Promise.race([second, lost])).toMatchObject({ kind: 'refused' });
      expect((await first).kind).toBe('refused');
    }
  });

  test('a hammering client costs no round trips, a settlement counts at once', async () => {
    const authority = createPretendAuthority(100n);
    const time = { now: 0 };
    const wallet = makeWallet(authority, time);
    await wallet.take(80n, 0);
    expect(await wallet.take(80n, 0)).toMatchObject({ kind: 'refused' });
    const { asks } = authority;
    for (let call = 0; call < 1_000; call += 1) await wallet.take(80n, 0);
    expect(authority.asks).toBe(asks);
    wallet.settle(80n, 5n, true);
    expect((await wallet.take(80n, 0)).kind).toBe('taken');
    authority.charged = 5n;
    expect(await wallet.take(80n, 0)).toMatchObject({ kind: 'refused' });
    const later = authority.asks;
    for (let call = 0; call < 1_000; call += 1) await wallet.take(80n, 0);
    expect(authority.asks).toBe(later);
  });

  test('a raised cap is heard of as soon as it is announced, or after a quarter of a second', async () => {
    const authority = createPretendAuthority(100n);
    const time = { now: 0 };
    const wallet = makeWallet(authority, time);
    expect((await wallet.take(200n, 0)).kind).toBe('refused');
    authority.limit = 1_000n;
    expect((await wallet.take(200n, 0)).kind).toBe('refused');
    wallet.forget();
    expect((await wallet.take(200n, 0)).kind).toBe('taken');
    expect((await wallet.take(5_000n, 0)).kind).toBe('refused');
    authority.limit = 10_000n;
    time.now = 251;
    expect((await wallet.take(5_000n, 0)).kind).toBe('taken');
  });

  test('remembers a refusal only while nobody else holds money', async () => {
    const authority = createPretendAuthority(100n);
    const time = { now: 0 };
    const other = makeWallet(authority, time);
    const wallet = makeWallet(authority, time, () => [other]);
    // Takes it in the middle of the refusal: when idle money was called back, it had none.
    const early = wallet.take(101n, 0);
    await Promise.resolve();
    await other.take(90n, 0);
    expect((await early).kind).toBe('refused');
    other.settle(90n, 1n, true);
    expect((await wallet.take(99n, 0)).kind).toBe('taken');
  });

  test('refuses nobody for the sake of one who gets nothing either', async () => {
    const authority = createPretendAuthority(100n);
    const time = { now: 0 };
    const other = makeWallet(authority, time);
    let asks = 0;
    const slow: GrantAuthority = {
      release: (release) => authority.release(release),
      take: async (ask) => {
        asks += 1;
        if (asks === 4) await other.take(30n, 0);
        return authority.take(ask);
      },
    };
    const taken = await takeAll(makeWallet(slow, time), [1n, 80n, 50n]);
    expect(taken.map(({ kind }) => kind)).toEqual(['taken', 'refused', 'taken']);
  });

  test('asks for exactly what is needed after others called its money back', async () => {
    const authority = createPretendAuthority(1_000_000n);
    const time = { now: 0 };
    const wallet = makeWallet(authority, time);
    await wallet.take(100n, 0);
    expect(authority.granted).toBeGreaterThan(100n);
    expect(await wallet.callBack()).toBe(true);
    expect(authority.granted).toBe(100n);
    await wallet.take(100n, 0);
    expect(authority.granted).toBe(200n);
    time.now += 2_000;
    await wallet.take(100n, 0);
    expect(authority.granted).toBeGreaterThan(300n);
  });

  test('says when its idle money could not be given back', async () => {
    const authority = createPretendAuthority(1_000_000n);
    const wallet = makeWallet(authority, { now: 0 });
    await wallet.take(100n, 0);
    authority.fault = 'unreached';
    expect(await wallet.giveBack()).toBe(false);
    authority.fault = 'answer lost';
    expect((await wallet.take(200_000n, 0)).kind).toBe('unverifiable');
    expect(await wallet.giveBack()).toBe(false);
    expect(wallet.holding).toBe(true);
    authority.fault = 'none';
    expect(await wallet.giveBack()).toBe(true);
    expect(authority.granted).toBe(100n);
  });

  test('gives idle money back and takes it again', async () => {
    const authority = createPretendAuthority(1_000_000n);
    const time = { now: 0 };
    const wallet = makeWallet(authority, time);
    await wallet.take(100n, 0);
    wallet.settle(100n, 40n, true);
    time.now = 60_000;
    wallet.sweep();
    await wallet.quiet();
    expect(authority.granted).toBe(40n);
    expect((await wallet.take(100n, 0)).kind).toBe('taken');
  });

  test('serves no call of the next period and closes when all is in the ledger', async () => {
    const authority = createPretendAuthority(1_000n);
    authority.periodEnd = 5_000;
    const wallet = makeWallet(authority, { now: 4_000 });
    expect((await wallet.take(100n, 4_999)).kind).toBe('taken');
    expect((await wallet.take(100n, 5_000)).kind).toBe('retired');
    wallet.settle(100n, 30n, true);
    await wallet.quiet();
    expect(wallet.finished).toBe(false);
    wallet.recorded(30n);
    expect(wallet.finished).toBe(true);
    await wallet.close();
    expect(authority.granted).toBe(30n);
  });

  test('a call is let through by nobody when the authority is away', async () => {
    const authority = createPretendAuthority(1_000n);
    authority.fault = 'unreached';
    const wallet = makeWallet(authority, { now: 0 });
    expect((await wallet.take(1n, 0)).kind).toBe('unverifiable');
    authority.fault = 'none';
    expect((await wallet.take(1n, 0)).kind).toBe('taken');
  });

  test.each([
    { turns: true, over: 0n },
    { turns: false, over: 300n },
  ])('a release that arrives late takes nothing back that was granted since (turns: $turns)', async (model) => {
    const authority = createPretendAuthority(1_000n, model.turns);
    const time = { now: 0 };
    const [first, second] = [makeWallet(authority, time), makeWallet(authority, time)];
    await first.take(100n, 0);
    authority.fault = 'late';
    await first.giveBack();
    authority.fault = 'none';
    await first.take(300n, 0);
    await first.giveBack();
    authority.arrive(0);
    await takeAll(
      second,
      Array.from({ length: 10 }, () => 100n),
    );
    expect(first.held + second.held - authority.limit).toBe(model.over);
  });

  test('one call at a time: refused exactly when the cap does not hold it', async () => {
    const step = fc.record({
      bound: fc.bigInt({ min: 0n, max: 300n }),
      part: fc.bigInt({ min: 0n, max: 100n }),
      keepOpen: fc.boolean(),
      trims: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 2_000n }), fc.array(step, { maxLength: 60 }), async (limit, steps) => {
        const authority = createPretendAuthority(limit);
        const wallet = makeWallet(authority, { now: 0 });
        let used = 0n;
        for (const { bound, part, keepOpen, trims } of steps) {
          const taken = await wallet.take(bound, 0, trims ? trimmable(bound) : undefined);
          const rest = limit - used;
          const trimmed = trims && rest * 4n >= bound ? rest : undefined;
          const expected = bound <= rest ? bound : trimmed;
          expect(taken.kind === 'taken' ? taken.bound : taken.kind).toBe(expected ?? 'refused');
          if (taken.kind !== 'taken') continue;
          const cost = (taken.bound * part) / 100n;
          if (!keepOpen) wallet.settle(taken.bound, cost, true);
          used += keepOpen ? taken.bound : cost;
        }
      }),
      { numRuns: 200 },
    );
  });

  /** `calm`: every message arrives and is answered; then a call is refused only when there was no room for it. */
  const storm = (ordered: boolean, calm = false) => {
    const take = fc.record({
      do: fc.constant('take' as const),
      who: fc.nat(1),
      bound: fc.bigInt({ min: 0n, max: 400n }),
      trims: fc.boolean(),
    });
    const settle = fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(20),
      part: fc.bigInt({ min: 0n, max: 100n }),
    });
    const fault = calm ? (['none'] as const) : (['none', 'unreached', 'answer lost', 'late'] as const);
    const step = fc.oneof(
      { weight: 5, arbitrary: take },
      { weight: 3, arbitrary: settle },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('turns' as const), turns: fc.integer({ min: 1, max: 6 }) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom('give back', 'sweep', 'forget', 'wait' as const),
          who: fc.nat(1),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...fault) }) },
      fc.record({ do: fc.constant('raise' as const), by: fc.bigInt({ min: 0n, max: 500n }) }),
      { weight: 2, arbitrary: fc.record({ do: fc.constant('arrive' as const), which: fc.nat(9) }) },
    );
    return fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.nat(1), async (steps, last) => {
      const authority = createPretendAuthority(1_000n, ordered);
      const time = { now: 0 };
      const wallets: Wallet[] = [];
      const current: Wallet[] = [];
      /** As the book does: whoever is retired is replaced, and closes when all is settled. */
      const walletOf = (who: number): Wallet => {
        const found = current[who];
        if (found !== undefined && !found.retired) return found;
        const made = makeWallet(authority, time, () => wallets);
        current[who] = made;
        wallets.push(made);
        return made;
      };
      const sweepAll = async (): Promise<void> => {
        for (const wallet of wallets) wallet.sweep();
        await settleDown(...wallets);
      };
      const open: { wallet: Wallet; bound: bigint }[] = [];
      let spent = 0n;
      let unanswered = 0;
      const notes: Promise<void>[] = [];
      interface Pending {
        least: bigint;
        taken: bigint;
      }
      const waiting = new Set<Pending>();
      const refusals: { readonly room: bigint; readonly bound: bigint; readonly beside: readonly Pending[] }[] = [];
      const check = (): void => {
        const held = open.reduce((sum, { bound }) => sum + bound, 0n);
        const room = authority.limit - spent - held;
        for (const call of waiting) if (room < call.least) call.least = room;
        expect(room >= 0n).toBe(true);
        expect(authority.granted <= authority.limit).toBe(true);
      };
      for (const now of steps) {
        const wallet = walletOf('who' in now ? now.who : 0);
        if (now.do === 'take') {
          unanswered += 1;
          const call: Pending = { least: authority.limit, taken: 0n };
          waiting.add(call);
          check();
          const note = (answer: Taken): void => {
            unanswered -= 1;
            check();
            waiting.delete(call);
            if (answer.kind === 'taken') {
              call.taken = answer.bound;
              open.push({ wallet, bound: answer.bound });
            } else if (answer.kind === 'refused') {
              refusals.push({ room: call.least, bound: now.bound, beside: [...waiting] });
            }
            check();
          };
          const taken = wallet.take(now.bound, 0, now.trims ? trimmable(now.bound) : undefined);
          if (taken instanceof Promise) notes.push(taken.then(note));
          else note(taken);
        } else if (now.do === 'settle') {
          const [call] = open.splice(now.which % Math.max(1, open.length), 1);
          if (call === undefined) continue;
          const cost = (call.bound * now.part) / 100n;
          call.wallet.settle(call.bound, cost, true);
          spent += cost;
        } else if (now.do === 'fault') authority.fault = now.fault;
        else if (now.do === 'raise') authority.limit += now.by;
        else if (now.do === 'arrive') authority.arrive(now.which);
        else if (now.do === 'turns') for (let turn = 0; turn < now.turns; turn += 1) await Promise.resolve();
        else if (now.do === 'give back') void wallet.giveBack();
        else if (now.do === 'sweep') {
          time.now += 1_500;
          wallet.sweep();
        } else if (now.do === 'forget') wallet.forget();
        else await settleDown();
        check();
      }
      authority.fault = 'none';
      await settleDown(...wallets);
      for (let message = 0; message < steps.length * 2; message += 1) authority.arrive(message);
      check();
      expect(unanswered).toBe(0);
      await Promise.all(notes);
      // Those let through in the same breath count as open.
      const needless = refusals.filter(({ room, bound, beside }) => {
        return room - beside.reduce((sum, { taken }) => sum + taken, 0n) >= bound;
      });
      if (ordered) expect(needless).toEqual([]);
      // After the storm whatever is left can be used, to the nano-dollar.
      time.now += 10_000;
      const held = open.reduce((sum, { bound }) => sum + bound, 0n);
      const rest = authority.limit - spent - held;
      await sweepAll();
      for (const wallet of wallets) void wallet.giveBack();
      await settleDown(...wallets);
      const take = async (bound: bigint): Promise<Taken> => {
        const taken = await walletOf(last).take(bound, 0);
        return taken.kind === 'retired' ? walletOf(last).take(bound, 0) : taken;
      };
      expect((await take(rest)).kind).toBe('taken');
      expect((await take(1n)).kind).toBe('refused');
    });
  };

  test('two gateways, faults, late messages, raises, recalls: never more open and spent than the cap', async () => {
    await fc.assert(storm(true), { numRuns: 500 });
  });

  test('two gateways that reach the database refuse nobody for whom there is room', async () => {
    await fc.assert(storm(true, true), { numRuns: 3_000 });
  });

  test('does not stand that storm when messages have no turns', async () => {
    const { failed } = await fc.check(storm(false), { numRuns: 5_000, seed: 1 });
    expect(failed).toBe(true);
  });
});
