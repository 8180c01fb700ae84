import { expect, test, vi } from 'vitest';
import { createIngestQueue, IngestRefused } from './ingest-queue.ts';
import type { IngestBatch, LedgerRow, RefusalRow } from './ledger-row.ts';

const row = (id: string): LedgerRow => ({ request_id: id, tenant_id: 't' }) as LedgerRow;
const idsOf = (records: readonly string[]): string[] =>
  records.map((json) => (JSON.parse(json) as LedgerRow).request_id);
const refusal = (id: string, tenant = 't'): RefusalRow => ({ request_id: id, tenant_id: tenant }) as RefusalRow;

function setUp(send: (batch: IngestBatch) => Promise<void>, onSetAside?: (id: string) => void) {
  let now = 0;
  const setAside: string[] = [];
  const queue = createIngestQueue({
    send: async (batch) => {
      await send(batch);
      return [];
    },
    onCharged: () => undefined,
    onSetAside: ({ request_id: id }) => {
      onSetAside?.(id);
      setAside.push(id);
    },
    onTrouble: () => undefined,
    monotonic: () => now,
  });
  return { queue, setAside, tick: (ms: number) => (now += ms) };
}

test('sends in batches, and again until it is there; each row is recorded once', async () => {
  const sent: string[][] = [];
  let away = 2;
  const { queue } = setUp(async ({ records }) => {
    sent.push(idsOf(records));
    if ((away -= 1) >= 0) throw new Error('away');
  });
  const recorded = vi.fn();
  for (let index = 0; index < 2_500; index += 1) {
    queue.record(row(`${index}`), JSON.stringify(row(`${index}`)), () => {
      recorded(index);
    });
  }
  await queue.flush();
  expect(sent.map((batch) => batch.length)).toEqual([2_000, 2_000, 2_000, 500]);
  expect(recorded.mock.calls.map(([index]) => index as number)).toEqual(
    Array.from({ length: 2_500 }, (_, index) => index),
  );
  expect([queue.waiting, queue.lagMs, queue.sending]).toEqual([0, 0, false]);
});

test('a row that can be neither taken nor set aside stays, and is tried again', async () => {
  let full = 2;
  const { queue, setAside } = setUp(
    () => Promise.reject(new IngestRefused('never')),
    () => {
      if ((full -= 1) >= 0) throw new Error('ENOSPC');
    },
  );
  const recorded = vi.fn();
  queue.record(row('a'), JSON.stringify(row('a')), recorded);
  await queue.flush();
  expect([setAside, recorded.mock.calls.length, queue.waiting]).toEqual([['a'], 1, 0]);
});

test('a row that can never be taken is set aside alone, also when the database goes away in the middle', async () => {
  const there: string[] = [];
  let calls = 0;
  const { queue, setAside } = setUp(async ({ records }) => {
    calls += 1;
    if (idsOf(records).includes('bad')) throw new IngestRefused('bad row');
    if (calls === 4) throw new Error('away');
    for (const id of idsOf(records)) if (!there.includes(id)) there.push(id);
  });
  const recorded = vi.fn();
  const ids = ['a', 'b', 'c', 'bad', 'd', 'e', 'f', 'g'];
  for (const id of ids) {
    queue.record(row(id), JSON.stringify(row(id)), () => {
      recorded(id);
    });
  }
  await queue.flush();
  expect(there.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(new Set(setAside)).toEqual(new Set(['bad']));
  expect(recorded.mock.calls.map(([id]) => id as string).toSorted()).toEqual(ids.toSorted());
});

test('notes only so many refusals of a tenant in a second', async () => {
  const noted: string[] = [];
  const { queue, tick } = setUp(async ({ refusals }) => {
    noted.push(...refusals.map((note) => note.tenant_id));
  });
  for (let index = 0; index < 1_000; index += 1) queue.refusal(refusal(`${index}`));
  expect(queue.refusal(refusal('x', 'other'))).toBe(true);
  tick(1_000);
  expect(queue.refusal(refusal('y'))).toBe(true);
  await queue.flush();
  expect(noted.filter((tenant) => tenant === 't').length).toBe(21);
  expect(noted).toContain('other');
});
