/** Days, months and sessions that end, by a clock of ours. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createPretendQuotaStore } from '../testing/pretend-quota-store.ts';
import type { TenantPolicy } from '../policy/policy.ts';
import { createQuotaDesk, type QuotaCall, type QuotaDesk, type QuotaPass, type QuotaStop } from './quota-desk.ts';
import type { CountedQuota, QuotaPeriod } from './quota.ts';
import { createSessionDesk, SESSION_IDLE_MS } from './session-desk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Begins with a minute, and with a day and a month of the tenant's. */
const START = 1_700_000_040_000;

let time: { now: number };
let periodsOver: string[];
let ledger: Map<number, number>;
let desks: QuotaDesk[];

beforeEach(() => {
  time = { now: START };
  periodsOver = [];
  ledger = new Map();
  const store = createPretendQuotaStore(time);
  desks = ['one', 'two'].map((name) => {
    const link = {
      ...store.link(name, () => []),
      recall: (tenantId: string, quota: CountedQuota) => {
        for (const desk of desks) if (desk !== own) desk.recalled(tenantId, quota);
      },
    };
    const own: QuotaDesk = createQuotaDesk({
      store: link,
      sessions: createSessionDesk({ store: link, monotonic: () => time.now }),
      monotonic: () => time.now,
      pause: async () => {
        for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      },
      counted: (_tenantId, _quota, windowStart) => Promise.resolve(ledger.get(windowStart) ?? 0),
      onPeriodOver: (tenantId) => void periodsOver.push(tenantId),
    });
    return own;
  });
});

const periodOf = (length: number, start = START): QuotaPeriod => ({
  start,
  end: start + length,
  nextEnd: start + 2 * length,
});

/** Only what a desk looks at. */
function tenantWith(
  quotas: Readonly<Partial<Record<CountedQuota, number>>>,
  periods: { day?: QuotaPeriod; month?: QuotaPeriod } = {},
  sessions: number | null = null,
): TenantPolicy {
  const counted = Object.entries(quotas).map(([quota, limit]) => {
    const length = quota.slice(quota.lastIndexOf('_') + 1);
    const period = length === 'day' ? (periods.day ?? periodOf(DAY)) : (periods.month ?? periodOf(30 * DAY));
    return { quota: quota as CountedQuota, limit, period: length === 'minute' ? null : period };
  });
  return { id: 't', quotas: { counted, sessions } } as unknown as TenantPolicy;
}

const admit = async (tenant: TenantPolicy, call: Partial<QuotaCall> = {}, at = 0): Promise<QuotaPass | QuotaStop> =>
  desks[at]!.admit(tenant, { requests: 1, tokens: 1, session: null, ...call }, time.now);

/** How many calls pass, one after the other over both gateways, each settled at once; the first refusal. */
async function passUntilRefused(tenant: TenantPolicy): Promise<{ passed: number; stop: QuotaStop }> {
  for (let passed = 0; passed < 1_000; passed += 1) {
    const answer = await admit(tenant, {}, passed % 2);
    if (!answer.passed) return { passed, stop: answer };
    answer.settle(1);
    // Past what a refusal is remembered for.
    time.now += 150;
  }
  throw new Error('Nothing was refused.');
}

describe.each([
  ['requests_per_minute', MINUTE],
  ['requests_per_day', DAY],
  ['tokens_per_day', DAY],
  ['tokens_per_month', 30 * DAY],
] as const)('%s', (quota, length) => {
  test('is whole again with the next window, not a moment before, and nothing is carried over', async () => {
    const tenant = tenantWith({ [quota]: 20 });
    const first = await passUntilRefused(tenant);
    expect(first.passed).toBe(20);
    expect(first.stop).toMatchObject({ quota, limit: 20, retryInMs: START + length - time.now, never: false });
    time.now = START + length - 1;
    expect((await admit(tenant)).passed).toBe(false);
    time.now = START + length;
    const second = await passUntilRefused(tenant);
    expect(second.passed).toBe(20);
    expect(second.stop.retryInMs).toBe(START + 2 * length - time.now);
  });

  test('half used stays half used when the window goes on, and is whole in the next', async () => {
    const tenant = tenantWith({ [quota]: 20 });
    for (let calls = 0; calls < 10; calls += 1) expect((await admit(tenant)).passed).toBe(true);
    time.now = START + length - 30_000;
    for (const desk of desks) desk.sweep(time.now);
    expect((await passUntilRefused(tenant)).passed).toBe(10);
    time.now = START + length;
    for (const desk of desks) desk.sweep(time.now);
    expect((await passUntilRefused(tenant)).passed).toBe(20);
  });

  test('of a call over the end, what it gives back is of the window in which it began', async () => {
    const tenant = tenantWith({ [quota]: 20 });
    const units = { tokens: quota.startsWith('tokens') ? 15 : 1 };
    time.now = START + length - 10;
    const open = await admit(tenant, units);
    if (!open.passed) throw new Error('It was refused.');
    time.now = START + length;
    open.settle(1);
    expect((await passUntilRefused(tenant)).passed).toBe(20);
  });
});

test('a call is a call, however many tokens it had', async () => {
  const tenant = tenantWith({ requests_per_day: 5 });
  for (const tokens of [0, 0, 1_000, null, 0]) {
    const answer = await admit(tenant, { tokens: 500 });
    if (!answer.passed) throw new Error('It was refused.');
    answer.settle(tokens);
  }
  expect((await admit(tenant)).passed).toBe(false);
});

test('of tokens what was not used comes back, once, and nothing where nobody knows', async () => {
  const tenant = tenantWith({ tokens_per_day: 20 });
  const [known, unknown] = [await admit(tenant, { tokens: 9 }), await admit(tenant, { tokens: 10 })];
  if (!known.passed || !unknown.passed) throw new Error('It was refused.');
  known.settle(4);
  known.settle(0);
  known.cancel();
  unknown.settle(null);
  expect((await passUntilRefused(tenant)).passed).toBe(6);
});

test('the next bounds are asked for at the end of a period, and the window goes on with them', async () => {
  const tenant = tenantWith({ requests_per_day: 20 });
  expect((await admit(tenant)).passed).toBe(true);
  expect(periodsOver).toEqual([]);
  time.now = START + DAY;
  for (let calls = 0; calls < 8; calls += 1) expect((await admit(tenant)).passed).toBe(true);
  expect(periodsOver).toEqual(['t']);
  const renewed = tenantWith({ requests_per_day: 20 }, { day: periodOf(DAY, START + DAY) });
  expect((await passUntilRefused(renewed)).passed).toBe(12);
});

test('a month that is used up is named though the day has room, and so is the day with room in the month', async () => {
  const day = periodOf(DAY);
  const month = periodOf(30 * DAY);
  const shortDay = tenantWith({ tokens_per_day: 5, tokens_per_month: 12 }, { day, month });
  expect((await passUntilRefused(shortDay)).stop.quota).toBe('tokens_per_day');
  time.now = START + DAY;
  expect((await passUntilRefused(shortDay)).stop.quota).toBe('tokens_per_day');
  time.now = START + 2 * DAY;
  const third = tenantWith({ tokens_per_day: 5, tokens_per_month: 12 }, { day: periodOf(DAY, time.now), month });
  expect(await passUntilRefused(third)).toMatchObject({ passed: 2, stop: { quota: 'tokens_per_month' } });
});

test('a gateway that comes into a day begins with what the ledger has of it, not of the day before', async () => {
  ledger.set(START, 18).set(START + DAY, 3);
  const tenant = tenantWith({ requests_per_day: 20 });
  expect((await passUntilRefused(tenant)).passed).toBe(2);
  time.now = START + DAY;
  expect((await passUntilRefused(tenant)).passed).toBe(17);
});

describe('sessions', () => {
  const say = async (session: string, at = 0): Promise<QuotaPass | QuotaStop> =>
    admit(tenantWith({}, {}, 2), { session }, at);
  const sweepAll = (): void => {
    for (const desk of desks) desk.sweep(time.now);
  };

  test('end five minutes after their last call, not a moment before', async () => {
    expect((await say('a')).passed).toBe(true);
    time.now += MINUTE;
    expect((await say('b', 1)).passed).toBe(true);
    expect(await say('c')).toMatchObject({
      passed: false,
      quota: 'concurrent_sessions',
      retryInMs: SESSION_IDLE_MS - MINUTE,
    });
    time.now = START + SESSION_IDLE_MS - 1;
    sweepAll();
    expect((await say('c')).passed).toBe(false);
    time.now = START + SESSION_IDLE_MS;
    sweepAll();
    expect((await say('c')).passed).toBe(true);
    expect((await say('d')).passed).toBe(false);
  });

  test('stay open as long as they are used, on whichever gateway', async () => {
    for (const [index, session] of ['a', 'b'].entries()) expect((await say(session, index)).passed).toBe(true);
    for (let minute = 0; minute < 12; minute += 1) {
      time.now += MINUTE;
      sweepAll();
      for (const [index, session] of ['a', 'b'].entries()) expect((await say(session, index)).passed).toBe(true);
      sweepAll();
      expect((await say('c', minute % 2)).passed).toBe(false);
    }
    time.now += SESSION_IDLE_MS;
    sweepAll();
    expect((await say('c')).passed).toBe(true);
  });

  test('a call that finds no place in a session uses no quota up', async () => {
    const tenant = tenantWith({ requests_per_day: 3 }, {}, 1);
    expect((await admit(tenant, { session: 'a' })).passed).toBe(true);
    for (let calls = 0; calls < 5; calls += 1) {
      expect(await admit(tenant, { session: 'b' })).toMatchObject({ quota: 'concurrent_sessions' });
    }
    for (let calls = 0; calls < 2; calls += 1) expect((await admit(tenant, { session: 'a' })).passed).toBe(true);
    expect(await admit(tenant, { session: 'a' })).toMatchObject({ quota: 'requests_per_day' });
  });

  test('one that comes back after its end needs a place like any other', async () => {
    expect((await say('a')).passed).toBe(true);
    time.now += SESSION_IDLE_MS;
    sweepAll();
    expect((await say('b')).passed).toBe(true);
    expect((await say('c', 1)).passed).toBe(true);
    expect((await say('a')).passed).toBe(false);
  });
});
