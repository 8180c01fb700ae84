import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MarginsState } from '../contract/margins.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeKeeping, type FakeKeeping } from '../testing/fake-keeping.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { fakeMonth, fakeRunning } from '../testing/fake-margin-records.ts';
import { createFakePlatform, fakeLiveTenant } from '../testing/fake-platform.ts';
import { createMarginsService, type MarginsService } from './margins-service.ts';

let clock: FakeClock;
let log: FakeLogger;
let platform: ReturnType<typeof createFakePlatform>;
let reads: { running: number; months: number };
let answer: () => Promise<ReturnType<typeof fakeRunning>[]>;
let keeping: FakeKeeping;
let margins: MarginsService;
let frames: MarginsState[];

const unused = (): never => {
  throw new Error('Not asked in these tests.');
};

beforeEach(() => {
  clock = createFakeClock();
  log = createFakeLogger();
  platform = createFakePlatform(() => clock.now());
  reads = { running: 0, months: 0 };
  frames = [];
  answer = async () => [fakeRunning(1)];
  keeping = createFakeKeeping();
  margins = createMarginsService({
    repository: {
      running: () => {
        reads.running += 1;
        return answer();
      },
      months: async () => {
        reads.months += 1;
        return [fakeMonth(1, '2026-10')];
      },
      now: async () => clock.now(),
      drivers: unused,
      outlook: unused,
      contracts: unused,
      rates: unused,
      setContract: async () => ({ version: 2, changedAt: clock.now(), contractId: 'x' }),
      setRate: unused,
    },
    gateway: platform.gateway,
    changes: platform.changes,
    keeping,
    clock,
    log,
  });
});

afterEach(() => margins.close());

async function look(month = 'running'): Promise<AsyncGenerator<MarginsState, void, unknown>> {
  const stream = await margins.watch(month);
  void (async () => {
    for await (const frame of stream) frames.push(frame);
  })();
  await settle();
  return stream;
}

function moneyMoves(): void {
  platform.frame('changes', [{ ...fakeLiveTenant(1, clock.now()), callsLastMinute: Math.random() }]);
}

describe('while somebody looks', () => {
  it('the first state comes at once, the months that are over with it', async () => {
    await look();
    expect(frames).toMatchObject([
      { month: '2026-11', running: '2026-11', rows: [{ name: 'Client 1' }], trouble: null },
    ]);
    await look('2026-10');
    expect(frames.at(-1)).toMatchObject({ month: '2026-10', rows: [{ basis: 'final' }] });
    expect(reads).toEqual({ running: 1, months: 1 });
  });

  it('is read again when money moved, every three seconds at most, and else four times a minute', async () => {
    await look();
    for (let step = 0; step < 60; step += 1) {
      moneyMoves();
      await clock.advance(100);
    }
    expect(reads.running).toBe(3);
    await clock.advance(29_000);
    expect(reads.running).toBeLessThanOrEqual(6);
    expect(frames.length).toBe(reads.running);
  });

  it('reads everything at once when a contract or a rate changed, also while it reads', async () => {
    await look();
    platform.notify({ kind: 'changed', topic: 'contracts', tenantId: null });
    await clock.advance(500);
    expect(reads).toEqual({ running: 2, months: 2 });
    const slow = Promise.withResolvers<ReturnType<typeof fakeRunning>[]>();
    answer = () => slow.promise;
    platform.notify({ kind: 'resync' });
    await clock.advance(500);
    platform.notify({ kind: 'changed', topic: 'contracts', tenantId: null });
    slow.resolve([fakeRunning(1)]);
    answer = async () => [fakeRunning(2)];
    await clock.advance(6_000);
    expect(frames.at(-1)?.rows).toMatchObject([{ name: 'Client 2' }]);
  });

  it('keeps what it has while the database is away, and says so', async () => {
    await look();
    answer = () => Promise.reject(new OperatorError('UNAVAILABLE', 'Away.'));
    await clock.advance(16_000);
    expect(frames.at(-1)).toMatchObject({
      rows: [{ name: 'Client 1' }],
      trouble: expect.stringContaining('does not answer'),
    });
    expect(log.lines).toEqual([]);
    answer = async () => [fakeRunning(1)];
    await clock.advance(16_000);
    expect(frames.at(-1)?.trouble).toBeNull();
  });

  it('tells a defect to the log and a sentence to the operator', async () => {
    await look();
    answer = () => Promise.reject(new TypeError('no column secret'));
    await clock.advance(16_000);
    expect(log.lines).toMatchObject([{ level: 'error' }]);
    expect(frames.at(-1)?.trouble).toMatch(/could not be read/);
  });
});

it('a role that sees no margins is refused, not answered with nothing', async () => {
  answer = () => Promise.reject(new OperatorError('FORBIDDEN', 'Your role does not allow this.'));
  await expect(margins.watch('running')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(margins.watchColumn()).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

it('the board’s column is read every quarter of a minute, however fast money moves', async () => {
  const column = await margins.watchColumn();
  const first = await column.next();
  expect(first.value).toMatchObject({ margins: [{ forecastBp: 7_000n, targetBp: 6_500 }] });
  const second = column.next();
  for (let step = 0; step < 200; step += 1) {
    moneyMoves();
    await clock.advance(100);
  }
  await second;
  expect(reads.running).toBe(2);
  await column.return();
});

it('nobody looking: nothing is read and nothing waits', async () => {
  const stream = await look();
  await stream.return();
  await settle();
  moneyMoves();
  await clock.advance(120_000);
  expect([reads.running, clock.timers, platform.hearers]).toEqual([1, 0, 0]);
});
