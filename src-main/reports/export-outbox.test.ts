import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeCache } from '../testing/fake-cache.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createLink } from '../infra/link.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createExportOutbox, type ExportNote } from './export-outbox.ts';

const NOTE: ExportNote = {
  tenantId: randomUUID(),
  month: '2026-10',
  source: 'kept',
  asOf: new Date('2026-11-02T10:00:00Z'),
  files: [{ format: 'csv', bytes: 12, sha256: 'a'.repeat(64) }],
};
const away = (): OperatorError => new OperatorError('UNAVAILABLE', 'The database does not answer.');

/** A platform that keeps one entry a key; `answer` says what happens to each question. It and the cache may outlive a console. */
function desk(cache = createFakeCache(), entries = new Map<string, { note: ExportNote; claimedAt: Date | null }>()) {
  const clock = createFakeClock();
  const link = createLink(clock);
  const log = createFakeLogger();
  const platform = { answer: (_key: string): 'done' | 'lost' | 'away' | 'refused' => 'done', asked: 0 };
  const outbox = createExportOutbox({
    repository: {
      async recordExport(key, note, claimedAt) {
        platform.asked += 1;
        const answer = platform.answer(key);
        if (answer === 'away') throw away();
        if (answer === 'refused') throw new OperatorError('NOT_FOUND', 'There is no such client among yours.');
        if (!entries.has(key)) entries.set(key, { note, claimedAt });
        if (answer === 'lost') throw away();
      },
    },
    cache,
    database: link.feed,
    clock,
    log,
  });
  return { clock, link, entries, platform, outbox, cache, log };
}

it('with the platform there, an export is told at once, without a claimed time', async () => {
  const { link, entries, outbox } = desk();
  link.live();
  await outbox.tell('key', NOTE);
  expect(entries.get('key')).toEqual({ note: NOTE, claimedAt: null });
  expect(outbox.feed.get()).toEqual({ waiting: 0 });
});

it('what the platform refuses was no export', async () => {
  const { link, platform, outbox } = desk();
  link.live();
  platform.answer = () => 'refused';
  await expect(outbox.tell('key', NOTE)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(outbox.feed.get()).toEqual({ waiting: 0 });
});

it('without the platform it waits, also for another console, and is told with the time of the export', async () => {
  const before = desk();
  before.link.away('gone');
  const madeAt = before.clock.now();
  await before.outbox.tell('key', NOTE);
  expect(before.outbox.feed.get()).toEqual({ waiting: 1 });
  expect(before.platform.asked).toBe(0);
  before.outbox.close();

  const after = desk(before.cache);
  expect(after.outbox.feed.get()).toEqual({ waiting: 1 });
  await after.clock.advance(86_400_000);
  after.link.live();
  await after.clock.advance(0);
  expect(after.entries.get('key')).toEqual({ note: NOTE, claimedAt: madeAt });
  expect(after.outbox.feed.get()).toEqual({ waiting: 0 });
  after.outbox.close();
  expect(after.clock.timers).toBe(0);
});

it('one that the platform refuses stays, is logged, and is in nobody’s way', async () => {
  const { link, platform, outbox, clock, entries, log } = desk();
  link.away('gone');
  await outbox.tell('refused', NOTE);
  await outbox.tell('taken', NOTE);
  platform.answer = (key) => (key === 'refused' ? 'refused' : 'done');
  link.live();
  await clock.advance(60_000);
  expect([...entries.keys()]).toEqual(['taken']);
  expect(outbox.feed.get()).toEqual({ waiting: 1 });
  expect(platform.asked, 'asked once each').toBe(2);
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

it('500 times answers are lost, short, or nobody is there: one entry each', async () => {
  const happening = fc.constantFrom('done', 'lost', 'away', 'line goes', 'line comes', 'tell', 'wait', 'restart');
  let told = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (happenings) => {
      let at = desk();
      const keys: string[] = [];
      let answer: 'done' | 'lost' | 'away' = 'done';
      const connect = (): void => {
        at.platform.answer = () => answer;
      };
      connect();
      for (const happened of happenings) {
        if (happened === 'done' || happened === 'lost' || happened === 'away') answer = happened;
        if (happened === 'line goes') at.link.away('gone');
        if (happened === 'line comes') at.link.live();
        if (happened === 'wait') await at.clock.advance(7_000);
        if (happened === 'tell') {
          keys.push(`key ${keys.length}`);
          await at.outbox.tell(keys.at(-1)!, NOTE);
        }
        if (happened === 'restart') {
          await at.clock.advance(0);
          at.outbox.close();
          at = desk(at.cache, at.entries);
          connect();
        }
      }
      answer = 'done';
      at.link.away('gone');
      at.link.live();
      await at.clock.advance(20_000);
      expect([...at.entries.keys()].toSorted()).toEqual(keys.toSorted());
      expect(at.outbox.feed.get()).toEqual({ waiting: 0 });
      at.outbox.close();
      told += keys.length;
    }),
    { numRuns: 500 },
  );
  expect(told).toBeGreaterThan(500);
});
