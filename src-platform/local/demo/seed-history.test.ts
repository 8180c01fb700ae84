import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPriceBook } from '../../prices/price-book.ts';
import { demoTenants } from './demo-tenants.ts';
import { pricesByModel, type HistoryRow } from './history-rows.ts';
import { seedHistory } from './seed-history.ts';

const prices = pricesByModel(readPriceBook());
const NOW = Date.parse('2026-11-20T12:00:00Z');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'td-seed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A ledger that takes a row once, and a start that enters into it. */
function makeLedger() {
  const ids = new Set<string>();
  let sent = 0;
  const enter = async (rows: readonly HistoryRow[]) => {
    const before = ids.size;
    for (const { request_id } of rows) ids.add(request_id);
    sent += rows.length;
    return Promise.resolve(ids.size - before);
  };
  const start = (tenants: number, ingest = enter, cluster = 'one') =>
    seedHistory({
      folder,
      cluster,
      tenants: demoTenants(tenants),
      rows: 12_000,
      prices,
      now: () => NOW + sent,
      signal: new AbortController().signal,
      ingest,
      say: () => undefined,
    });
  return { ids, enter, start, sent: () => sent };
}

test('history is entered once', async () => {
  const ledger = makeLedger();
  const entered = await ledger.start(3);
  expect(entered).toBe(ledger.ids.size);
  expect(entered).toBeGreaterThan(10_000);
  expect(await ledger.start(3)).toBe(0);
  expect(ledger.sent()).toBe(entered);
});

test('a seeding that was cut off goes on where it was, and ends with the same rows', async () => {
  const ledger = makeLedger();
  let batches = 0;
  const dying = async (rows: readonly HistoryRow[]) => {
    batches += 1;
    // The batch arrives, the answer does not: as when the process is killed.
    if (batches === 3) {
      await ledger.enter(rows);
      throw new Error('killed');
    }
    return ledger.enter(rows);
  };
  await expect(ledger.start(3, dying)).rejects.toThrow('killed');
  const known = ledger.ids.size;
  const sentBefore = ledger.sent();
  const entered = await ledger.start(3);
  expect(known + entered).toBe(ledger.ids.size);
  expect(ledger.sent()).toBeLessThanOrEqual(ledger.ids.size + 2 * 2_000);
  expect(sentBefore).toBeGreaterThan(0);
  expect(await ledger.start(3)).toBe(0);
});

test('tenants that come later get a history of their own; another database gets all of it again', async () => {
  const ledger = makeLedger();
  await ledger.start(3);
  expect(await ledger.start(5)).toBeGreaterThan(5_000);
  expect(await ledger.start(5)).toBe(0);
  expect(await makeLedger().start(5, undefined, 'two')).toBeGreaterThan(5_000);
});
