import type { BoardFrame, BoardRow } from '../../../../src-main/contract/board.ts';
import type { Feed } from './variant.ts';

const CLIENTS = 1000;
const EVERY_MS = 100;
const USD = 1_000_000_000n;
const PERIOD = { periodStart: new Date('2026-11-01T00:00:00Z'), periodEnd: new Date('2026-12-01T00:00:00Z') };

/** Ten frames a second in which every client has spent a little; the page counts them for the measurement. */
export function startFeed(): Feed {
  const listeners: ((frame: BoardFrame) => void)[] = [];
  let turn = 0;
  setInterval(() => {
    turn += 1;
    const frame = frameAt(turn, 'changes');
    for (const listener of listeners) listener(frame);
    Reflect.set(window, 'benchTicks', turn);
  }, EVERY_MS);
  return { first: frameAt(0, 'snapshot'), onFrame: (listener) => void listeners.push(listener) };
}

function frameAt(turn: number, kind: BoardFrame['kind']): BoardFrame {
  const at = new Date();
  return {
    kind,
    at,
    rows: Array.from({ length: CLIENTS }, (_, index) => rowAt(index, turn, at)),
    keptAsOf: null,
    returns: 1,
    removed: [],
    summary: {
      tenants: CLIENTS,
      needAttention: 0,
      spentTodayNanoUsd: BigInt(turn) * USD,
      committedNanoUsd: BigInt(turn) * USD,
      callsLastMinute: turn,
      refusedLastHour: 0,
      refusingTenants: 0,
    },
  };
}

function rowAt(index: number, turn: number, asOf: Date): BoardRow {
  const cents = 1000 + ((index * 37 + turn * 7) % 7000);
  return {
    tenantId: `client-${index}`,
    slug: `client-${index}`,
    name: `Client ${index}`,
    plan: 'pro',
    currency: 'INR',
    timeZone: 'Asia/Kolkata',
    status: 'active',
    cap: {
      capId: `cap-${index}`,
      version: 1,
      limitNanoUsd: 100n * USD,
      ...PERIOD,
      thresholds: [50, 80, 95, 100],
      override: null,
    },
    committedNanoUsd: (BigInt(cents) * USD) / 100n,
    heldNanoUsd: (BigInt((index + turn) % 300) * USD) / 100n,
    dayCap: null,
    binding: 'month',
    asOf,
    source: 'live',
    burnNanoUsdPerDay: USD,
    spentTodayNanoUsd: USD,
    callsToday: 200,
    failedToday: 1,
    p95TodayMs: 900,
    runsOutAt: null,
    callsLastMinute: (index + turn) % 100,
    failedLastMinute: 0,
    refusedLastHour: 0,
    refusingSince: null,
    attention: 'normal',
  };
}
