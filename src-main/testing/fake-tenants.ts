import { attentionOf, limitInForce, runsOutAt } from '../board/board-rules.ts';
import type { BoardRow } from '../contract/board.ts';

const USD = 1_000_000_000n;
const DAY_MS = 86_400_000;

/** Name, used percent of the cap, cap in USD, plan, currency, time zone: the demo's mix of clients. */
const CLIENTS: readonly (readonly [string, number, number, string, string, string])[] = [
  ['Clinic B', 100, 25, 'pro', 'INR', 'Asia/Kolkata'],
  ['Salon A', 62, 12, 'free', 'INR', 'Asia/Kolkata'],
  ['Agency C', 34, 120, 'enterprise', 'INR', 'Asia/Kolkata'],
  ['Himal Trekking', 71, 18, 'pro', 'NPR', 'Asia/Kathmandu'],
  ['Hudson Legal', 96, 300, 'enterprise', 'USD', 'America/New_York'],
  ['Spree Logistik', 48, 90, 'pro', 'EUR', 'Europe/Berlin'],
  ['Chai Point Foods', 83, 40, 'pro', 'INR', 'Asia/Kolkata'],
  ['Lotus Schools', 22, 35, 'pro', 'INR', 'Asia/Kolkata'],
  ['Metro Realty', 57, 60, 'pro', 'INR', 'Asia/Kolkata'],
  ['Nandini Dairy', 9, 15, 'free', 'INR', 'Asia/Kolkata'],
  ['Orbit Travels', 41, 55, 'pro', 'INR', 'Asia/Kolkata'],
  ['Pine Hospital', 76, 150, 'enterprise', 'INR', 'Asia/Kolkata'],
];

/** A v4-shaped id that is the same in every run. */
export function fakeId(kind: number, index: number): string {
  return `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** Pretend clients: the dozen of the demo first, then numbered ones. The first, Clinic B, stands at its cap. */
export function fakeTenants(count: number, now: Date): BoardRow[] {
  return Array.from({ length: count }, (_, index) => {
    const [base, percent, capUsd, plan, currency, timeZone] = CLIENTS[index % CLIENTS.length] ?? [
      'Client',
      50,
      50,
      'pro',
      'USD',
      'UTC',
    ];
    const name = index < CLIENTS.length ? base : `${base} ${index + 1}`;
    const used = index < CLIENTS.length ? percent : (index * 37) % 92;
    const limitNanoUsd = BigInt(capUsd) * USD;
    const committedNanoUsd = (limitNanoUsd * BigInt(used)) / 100n;
    const suspended = index === 9;
    return judged({
      tenantId: fakeId(1, index),
      slug: name.toLowerCase().replaceAll(' ', '-'),
      name,
      plan,
      currency,
      timeZone,
      status: suspended ? 'suspended' : 'active',
      cap:
        index === 7
          ? null
          : {
              capId: fakeId(2, index),
              version: 1,
              limitNanoUsd,
              override: null,
              periodStart: new Date(now.getTime() - 19 * DAY_MS),
              periodEnd: new Date(now.getTime() + 11 * DAY_MS),
              thresholds: [50, 80, 95, 100],
            },
      committedNanoUsd: index === 7 ? null : committedNanoUsd,
      heldNanoUsd: index === 7 ? null : 0n,
      dayCap: null,
      binding: 'month',
      asOf: now,
      source: 'live',
      burnNanoUsdPerDay: committedNanoUsd / 19n,
      spentTodayNanoUsd: committedNanoUsd / 30n,
      callsToday: 900 + 37 * index,
      failedToday: index % 5 === 0 ? 40 : 3,
      p95TodayMs: 700 + 130 * (index % 11),
      runsOutAt: null,
      callsLastMinute: suspended ? 0 : 4 + (index % 9),
      failedLastMinute: index % 5 === 0 ? 1 : 0,
      refusedLastHour: index === 0 ? 7 : 0,
      refusingSince: index === 0 ? new Date(now.getTime() - 95_000) : null,
      attention: 'normal',
    });
  });
}

/** The row with what follows from its figures. */
export function judged(row: BoardRow): BoardRow {
  const { cap, committedNanoUsd, burnNanoUsdPerDay } = row;
  const out =
    cap === null || committedNanoUsd === null || burnNanoUsdPerDay === null
      ? null
      : runsOutAt({
          limitNanoUsd: limitInForce(cap),
          committedNanoUsd,
          burnNanoUsdPerDay,
          from: row.asOf ?? cap.periodStart,
          periodEnd: cap.periodEnd,
        });
  const next = { ...row, runsOutAt: out };
  return { ...next, attention: attentionOf(next) };
}
