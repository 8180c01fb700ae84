import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BoardFrame } from '../contract/board.ts';
import type { Cache, CacheKind } from '../infra/cache.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createFakeCache } from '../testing/fake-cache.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeKeeping, type FakeKeeping } from '../testing/fake-keeping.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createFakePlatform, fakeLedgerRow, fakeLiveTenant } from '../testing/fake-platform.ts';
import { createBoardKeeper } from './board-keeper.ts';
import { createBoardService } from './board-service.ts';

const USD = 1_000_000_000n;
const HOUR_MS = 3_600_000;
const away = new OperatorError('UNAVAILABLE', 'The database does not answer.');

/** Counts what is written. */
function countingCache(): Cache & { writes: number } {
  const cache = createFakeCache();
  const counting = {
    ...cache,
    trouble: null,
    writes: 0,
    write<T>(kind: CacheKind<T>, id: string, kept: { value: T; asOf: Date }) {
      counting.writes += 1;
      cache.write(kind, id, kept);
    },
  };
  return counting;
}

let cache: ReturnType<typeof countingCache>;
let closers: (() => void)[];
beforeEach(() => {
  cache = countingCache();
  closers = [];
});
afterEach(() => {
  for (const close of closers.toReversed()) close();
});

interface Run {
  readonly clock: FakeClock;
  readonly platform: ReturnType<typeof createFakePlatform>;
  readonly keeping: FakeKeeping;
  readonly frames: BoardFrame[];
  close(): void;
}

/** A console that is started at that moment, with somebody at the board. */
function start(at: Date): Run {
  const clock = createFakeClock(at);
  const platform = createFakePlatform(() => clock.now());
  for (const index of [0, 1, 2]) platform.ledger.set(fakeLedgerRow(index).tenantId, fakeLedgerRow(index));
  const keeping = createFakeKeeping(platform.changes.link, cache);
  keeping.become('waiting');
  const board = createBoardService({ ...platform, clock, log: createFakeLogger() });
  const keeper = createBoardKeeper({ board, keeping, clock });
  const frames: BoardFrame[] = [];
  void (async () => {
    for await (const frame of board.watch()) frames.push(frame);
  })();
  const close = (): void => {
    keeper.close();
    board.close();
  };
  closers.push(close);
  return { clock, platform, keeping, frames, close };
}

async function online(run: Run): Promise<void> {
  run.platform.database('live');
  run.keeping.become('live');
  run.platform.notify({ kind: 'resync' });
  run.platform.live([0, 1, 2].map((index) => fakeLiveTenant(index, run.clock.now())));
  await run.clock.advance(1_000);
}

function cut({ platform, keeping }: Run): void {
  platform.faults.load = away;
  platform.database('away');
  platform.away();
  keeping.become('kept');
}

const rowsOf = (frames: BoardFrame[]) => new Map(frames.flatMap(({ rows }) => rows).map((row) => [row.tenantId, row]));
const START = new Date('2026-11-20T09:00:00Z');

describe('24 hours without the platform', () => {
  it('the figures stay as they were told, with their instants, and nothing is written', async () => {
    const run = start(START);
    await online(run);
    await run.clock.advance(20_000);
    cut(run);
    await run.clock.advance(1_000);
    const heardAt = run.frames.at(-1)!.keptAsOf!;
    const writes = cache.writes;
    await run.clock.advance(23 * HOUR_MS);
    expect(cache.writes - writes, 'the last state, once').toBeLessThanOrEqual(1);
    const rows = rowsOf(run.frames);
    expect(rows.size).toBe(3);
    for (const row of rows.values()) {
      expect(row).toMatchObject({ source: 'kept', committedNanoUsd: 41n * USD, heldNanoUsd: USD, asOf: heardAt });
    }
    const last = run.frames.at(-1)!;
    expect(last.at.getTime() - last.keptAsOf!.getTime()).toBeGreaterThan(23 * HOUR_MS - 60_000);
  });
});

describe('a console that starts without the platform', () => {
  it('shows the last state of the one before, as of then', async () => {
    const before = start(START);
    await online(before);
    before.close();
    const after = start(new Date(START.getTime() + 5 * HOUR_MS));
    cut(after);
    await after.clock.advance(2_000);
    const rows = rowsOf(after.frames);
    expect([...rows.values()].map(({ source, committedNanoUsd }) => [source, committedNanoUsd])).toEqual(
      Array.from({ length: 3 }, () => ['kept', 41n * USD]),
    );
    expect(after.frames.at(-1)).toMatchObject({ keptAsOf: START, returns: 0 });
    after.platform.faults.load = undefined;
    await online(after);
    expect(after.frames.at(-1)).toMatchObject({ keptAsOf: null, returns: 1 });
    for (const row of rowsOf(after.frames).values()) expect(row.source).toBe('live');
  });

  it('says nothing of a period that has ended since', async () => {
    const before = start(START);
    await online(before);
    before.close();
    const after = start(new Date('2026-12-02T09:00:00Z'));
    cut(after);
    await after.clock.advance(2_000);
    for (const row of rowsOf(after.frames).values()) {
      expect(row).toMatchObject({
        committedNanoUsd: null,
        heldNanoUsd: null,
        spentTodayNanoUsd: null,
        attention: 'unknown',
      });
    }
  });

  it('shows nothing that is locked, and forgets what it shows when it is', async () => {
    const before = start(START);
    await online(before);
    before.close();
    const after = start(new Date(START.getTime() + 5 * HOUR_MS));
    after.keeping.become('locked');
    after.platform.faults.load = away;
    after.platform.database('away');
    await after.clock.advance(2_000);
    expect(after.frames).toEqual([]);
    after.keeping.become('kept');
    await after.clock.advance(2_000);
    expect(rowsOf(after.frames).size).toBe(3);
    after.keeping.become('locked');
    const seen = after.frames.length;
    await after.clock.advance(5_000);
    expect(after.frames.slice(seen)).toEqual([]);
  });
});

it('writes nothing while nothing changed but once a minute, and a change within ten seconds', async () => {
  const run = start(START);
  await online(run);
  await run.clock.advance(10_000);
  await settle();
  const writes = cache.writes;
  expect(writes).toBe(1);
  run.platform.frame('changes', [fakeLiveTenant(1, run.clock.now(), { committed: 42n * USD })]);
  await run.clock.advance(10_000);
  expect(cache.writes).toBe(writes + 1);
});
