import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoardFrame } from '../contract/board.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { createFakePlatform, fakeLedgerRow, fakeLiveTenant } from '../testing/fake-platform.ts';
import { createBoardService, type BoardService } from './board-service.ts';

const USD = 1_000_000_000n;
const away = new OperatorError('UNAVAILABLE', 'The database does not answer.');

let clock: FakeClock;
let platform: ReturnType<typeof createFakePlatform>;
let log: FakeLogger;
let board: BoardService;

beforeEach(() => {
  clock = createFakeClock();
  platform = createFakePlatform(() => clock.now());
  log = createFakeLogger();
  for (const index of [0, 1, 2]) {
    const row = fakeLedgerRow(index);
    platform.ledger.set(row.tenantId, row);
  }
  board = createBoardService({ ...platform, clock, log });
});

afterEach(() => {
  board.close();
  expect(clock.timers, 'no timer is left behind').toBe(0);
});

/** Collects frames until stopped. */
function follow(signal?: AbortSignal) {
  const frames: BoardFrame[] = [];
  const stream = board.watch(signal);
  const over = (async () => {
    for await (const frame of stream) frames.push(frame);
  })();
  return { frames, over, stop: () => stream.return() };
}

/** The database answered, the gateways too. */
async function start(): Promise<void> {
  platform.notify({ kind: 'resync' });
  platform.live([0, 1, 2].map((index) => fakeLiveTenant(index, clock.now())));
  await clock.advance(50);
}

const id = (index: number) => fakeLedgerRow(index).tenantId;

describe('frames', () => {
  it('begin with all rows', async () => {
    await start();
    const { frames } = follow();
    await settle();
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ kind: 'snapshot', removed: [], summary: { tenants: 3, needAttention: 0 } });
    expect(frames[0]!.rows.map((row) => row.source)).toEqual(['live', 'live', 'live']);
  });

  it('do not tell of "no tenants" before that is known', async () => {
    platform.faults.load = away;
    const { frames } = follow();
    await clock.advance(5_000);
    expect(frames).toEqual([]);
    platform.faults.load = undefined;
    platform.ledger.clear();
    platform.notify({ kind: 'resync' });
    await clock.advance(300);
    expect(frames).toMatchObject([{ kind: 'snapshot', rows: [] }]);
  });

  it('carry only the rows that changed, at most four a second', async () => {
    await start();
    const { frames } = follow();
    await settle();
    for (let step = 0; step < 40; step += 1) {
      platform.frame('changes', [fakeLiveTenant(1, clock.now(), { committed: BigInt(41 + step) * USD })]);
      await clock.advance(25);
    }
    const changes = frames.slice(1);
    expect(changes.length).toBeGreaterThanOrEqual(3);
    expect(changes.length).toBeLessThanOrEqual(4);
    for (const frame of changes) expect(frame.rows.map((row) => row.tenantId)).toEqual([id(1)]);
  });

  it('come at once after a quiet time', async () => {
    await start();
    const { frames } = follow();
    await clock.advance(400);
    const before = frames.length;
    platform.frame('changes', [fakeLiveTenant(2, clock.now(), { held: 0n })]);
    await clock.advance(1);
    expect(frames).toHaveLength(before + 1);
  });

  it('come each second even when nothing moved, by the platform’s clock', async () => {
    await start();
    const { frames } = follow();
    await clock.advance(3_100);
    expect(frames.length).toBeGreaterThanOrEqual(4);
    expect(frames.at(-1)).toMatchObject({ kind: 'changes', rows: [], removed: [] });
  });

  it('reach several watchers of one picture', async () => {
    await start();
    const one = follow();
    const other = follow();
    await settle();
    platform.frame('changes', [fakeLiveTenant(0, clock.now(), { held: 5n * USD })]);
    await clock.advance(260);
    for (const { frames } of [one, other]) expect(frames.at(-1)!.rows[0]).toMatchObject({ heldNanoUsd: 5n * USD });
    expect(platform.loads, 'the database was read once').toHaveLength(1);
  });

  it('skip what a slow watcher missed, and give it the newest', async () => {
    await start();
    const stream = board.watch();
    await stream.next();
    for (const held of [1n, 2n, 3n]) {
      platform.frame('changes', [fakeLiveTenant(0, clock.now(), { held })]);
      await clock.advance(300);
    }
    const { value } = await stream.next();
    expect(value).toMatchObject({ kind: 'changes', rows: [{ heldNanoUsd: 3n }] });
    await stream.return();
  });
});

describe('a watcher that leaves', () => {
  it('leaves nothing behind, by return, by signal, also while it waits', async () => {
    await start();
    for (let round = 0; round < 50; round += 1) {
      const gone = new AbortController();
      const one = follow(gone.signal);
      const other = follow();
      await settle();
      expect(board.watchers).toBe(2);
      gone.abort();
      await other.stop();
      await Promise.all([one.over, other.over]);
      expect(board.watchers).toBe(0);
    }
  });

  it('is let go when the console closes', async () => {
    await start();
    const { over } = follow();
    await settle();
    board.close();
    await over;
    expect(board.watchers).toBe(0);
  });
});

describe('changes on the platform', () => {
  it('of a tenant are read soon, a burst of them once', async () => {
    await start();
    const { frames } = follow();
    await settle();
    const raised = fakeLedgerRow(1);
    platform.ledger.set(id(1), { ...raised, cap: { ...raised.cap!, version: 2, limitNanoUsd: 200n * USD } });
    for (let step = 0; step < 5; step += 1) platform.notify({ kind: 'changed', topic: 'caps', tenantId: id(1) });
    await clock.advance(300);
    expect(platform.loads).toEqual([undefined, [id(1)]]);
    expect(frames.at(-1)!.rows).toMatchObject([{ tenantId: id(1), cap: { version: 2, limitNanoUsd: 200n * USD } }]);
  });

  it('that the board does not show are not read', async () => {
    await start();
    platform.notify({ kind: 'changed', topic: 'prices', tenantId: null });
    await clock.advance(300);
    expect(platform.loads).toHaveLength(1);
  });

  it('take a tenant away that is gone', async () => {
    await start();
    const { frames } = follow();
    await settle();
    platform.ledger.delete(id(2));
    platform.notify({ kind: 'changed', topic: 'tenants', tenantId: id(2) });
    await clock.advance(300);
    expect(frames.at(-1)).toMatchObject({ rows: [], removed: [id(2)], summary: { tenants: 2 } });
  });

  it('missed by the listener are read after its return', async () => {
    await start();
    platform.notify({ kind: 'resync' });
    await clock.advance(300);
    expect(platform.loads).toEqual([undefined, undefined]);
  });
});

describe('what moves with the calls', () => {
  it('is read alone every few seconds; the whole again after minutes, and at once after a gap', async () => {
    await start();
    const { frames } = follow();
    await settle();
    platform.ledger.set(id(1), { ...fakeLedgerRow(1), callsToday: 401, name: 'Renamed without a word' });
    await clock.advance(16_000);
    expect(platform.loads).toHaveLength(1);
    expect(platform.figures.count).toBe(1);
    expect(frames.flatMap(({ rows }) => rows).at(-1)).toMatchObject({ tenantId: id(1), callsToday: 401 });
    await clock.advance(300_000);
    expect(platform.loads).toEqual([undefined, undefined]);
    expect(frames.flatMap(({ rows }) => rows).at(-1)).toMatchObject({ name: 'Renamed without a word' });
  });

  it('tells of a period that has only begun: its bounds are read', async () => {
    await start();
    platform.figures.begun.add(id(1));
    await clock.advance(16_000);
    expect(platform.loads).toEqual([undefined, [id(1)]]);
  });
});

describe('who is believed', () => {
  it('the ledger at once when the gateway is away, held unknown', async () => {
    await start();
    const { frames } = follow();
    await settle();
    platform.away();
    await clock.advance(300);
    expect(frames.at(-1)!.rows).toHaveLength(3);
    const onLedger = { source: 'ledger', heldNanoUsd: null, committedNanoUsd: 40n * USD };
    expect(frames.at(-1)!.rows).toMatchObject([onLedger, onLedger, onLedger]);
    expect(frames.at(-1)!.summary.callsLastMinute).toBeNull();
  });

  it('nobody when the database is away as well: what was told last, with its instant, and never a zero', async () => {
    await start();
    const { frames } = follow();
    platform.faults.load = away;
    platform.away();
    await clock.advance(29_000);
    const shown = frames.flatMap((frame) => frame.rows).filter((row) => row.tenantId === id(0));
    expect(shown.at(-1)).toMatchObject({ source: 'ledger' });
    await clock.advance(3_000);
    const last = frames.flatMap((frame) => frame.rows).findLast((row) => row.tenantId === id(0));
    expect(last).toMatchObject({ source: 'kept', committedNanoUsd: 41n * USD, heldNanoUsd: USD });
    expect(frames.at(-1)!.keptAsOf).toEqual(last!.asOf);
    expect(clock.now().getTime() - last!.asOf!.getTime()).toBeGreaterThan(30_000);
    expect(log.lines, 'being away is no defect').toEqual([]);
  });

  it('the gateways again as soon as they are back', async () => {
    await start();
    const { frames } = follow();
    platform.away();
    await clock.advance(40_000);
    platform.live([0, 1, 2].map((index) => fakeLiveTenant(index, clock.now())));
    await clock.advance(300);
    const rows = new Map(frames.flatMap((frame) => frame.rows).map((row) => [row.tenantId, row]));
    for (const row of rows.values()) expect(row).toMatchObject({ source: 'live', committedNanoUsd: 41n * USD });
  });

  it('not a sum in which a silent gateway is missing', async () => {
    await start();
    const { frames } = follow();
    await settle();
    const silent = [{ id: '00000007-0000-4000-8000-000000000001', name: 'two', silentMs: 6_000 }];
    platform.frame('heartbeat', [], silent);
    await clock.advance(300);
    expect(frames.at(-1)!.rows[0]).toMatchObject({ source: 'ledger', heldNanoUsd: null });
    platform.frame('heartbeat', [], [{ ...silent[0]!, silentMs: 20 }]);
    await clock.advance(300);
    expect(frames.at(-1)!.rows[0]).toMatchObject({ source: 'live' });
  });

  it('not what a gateway without Redis knows of others, however long that lasts', async () => {
    await start();
    const { frames } = follow();
    await settle();
    const two = [1, 2].map((n) => ({ id: `00000007-0000-4000-8000-00000000000${n}`, name: `${n}`, silentMs: 0 }));
    platform.frame('heartbeat', [], [two[0]!, { ...two[1]!, silentMs: 300_000 }], { postgres: true, redis: false });
    await clock.advance(300);
    expect(frames.at(-1)!.rows[0]).toMatchObject({ source: 'ledger', heldNanoUsd: null });
    platform.frame('heartbeat', [], two);
    await clock.advance(300);
    expect(frames.at(-1)!.rows[0]).toMatchObject({ source: 'live' });
    // The only gateway knows everything there is to know.
    platform.frame('heartbeat', [], [two[0]!], { postgres: true, redis: false });
    await clock.advance(300);
    expect(frames.flatMap(({ rows }) => rows).findLast((row) => row.tenantId === id(0))).toMatchObject({
      source: 'live',
    });
  });

  it('tells a defect to the log, and goes on', async () => {
    await start();
    platform.faults.load = new TypeError('no such column');
    platform.notify({ kind: 'resync' });
    await clock.advance(300);
    expect(log.lines).toMatchObject([{ level: 'error' }]);
    platform.faults.load = undefined;
    platform.notify({ kind: 'resync' });
    await clock.advance(300);
    expect(platform.loads).toHaveLength(3);
  });
});

it('is refusing for as long as the gateways say so, also after a raise that is not enough', async () => {
  await start();
  const { frames } = follow();
  const refusingSince = new Date('2026-11-20T08:59:00Z');
  const tenant = fakeLiveTenant(1, clock.now(), { committed: 99n * USD, held: 0n });
  const told = async () => {
    await clock.advance(300);
    return frames.flatMap((frame) => frame.rows).findLast((row) => row.tenantId === id(1));
  };
  platform.frame('changes', [{ ...tenant, refusingSince }]);
  expect(await told()).toMatchObject({ attention: 'refusing', refusingSince });
  const row = platform.ledger.get(id(1))!;
  platform.ledger.set(id(1), { ...row, cap: { ...row.cap!, version: 2, limitNanoUsd: 200n * USD } });
  platform.notify({ kind: 'changed', topic: 'caps', tenantId: id(1) });
  expect(await told()).toMatchObject({ attention: 'refusing', cap: { version: 2 } });
  platform.frame('changes', [{ ...tenant, refusingSince: null }]);
  expect(await told()).toMatchObject({ attention: 'normal', refusingSince: null });
});

describe('a clock that is wrong on this desktop', () => {
  it('does not change the time that frames carry', async () => {
    await start();
    const real = clock.now();
    platform.frame('heartbeat', []);
    const skewed = createFakeClock(new Date(real.getTime() - 3 * 3_600_000));
    const other = createBoardService({ ...platform, clock: skewed, log });
    platform.notify({ kind: 'resync' });
    await skewed.advance(50);
    platform.frame('heartbeat', []);
    const stream = other.watch();
    const { value } = await stream.next();
    expect(value).toMatchObject({ at: real });
    await stream.return();
    other.close();
    await clock.advance(50);
  });
});

describe('a temporary raise that ends', () => {
  it('is read again at its end, which nobody announces, and no sooner', async () => {
    await start();
    const ends = new Date(clock.now().getTime() + 8_500);
    const known = fakeLedgerRow(1);
    const override = { amountNanoUsd: 5n * USD, count: 1, nextEnd: ends };
    platform.ledger.set(known.tenantId, { ...known, cap: { ...known.cap!, override } });
    platform.notify({ kind: 'changed', topic: 'caps', tenantId: id(1) });
    await clock.advance(300);
    const { frames } = follow();
    await settle();
    expect(frames[0]!.rows[1]!.cap?.override).toEqual(override);
    platform.ledger.set(known.tenantId, known);
    const loads = platform.loads.length;
    await clock.advance(7_000);
    expect(platform.loads).toHaveLength(loads);
    await clock.advance(2_500);
    expect(platform.loads.slice(loads)).toContainEqual([id(1)]);
    expect(frames.flatMap(({ rows }) => rows).at(-1)?.cap?.override).toBeNull();
  });
});
