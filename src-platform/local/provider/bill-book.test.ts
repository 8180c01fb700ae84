import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openBillBook, type BillLine } from './bill-book.ts';

const line = (providerRequestId: string): BillLine => ({
  at: '2026-11-01T00:00:00.000Z',
  requestId: null,
  providerRequestId,
  model: 'gpt-4o',
  inputTokens: 1,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 1,
  reasoningTokens: 0,
  costNanoUsd: '12500',
  stream: false,
  completed: true,
});

test('a bill that grew too large is set aside once, and goes on in a new file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-bill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'bill.jsonl');
  const size = JSON.stringify(line('a')).length;
  for (const ids of [['a'], ['b', 'c', 'd', 'e']]) {
    const book = openBillBook(file, size * 2);
    for (const id of ids) book.add(line(id));
    book.close();
  }
  const idsIn = (name: string): string[] =>
    readFileSync(name, 'utf8')
      .trim()
      .split('\n')
      .map((text) => /"providerRequestId":"(\w)"/.exec(text)?.[1] ?? '?');
  expect([idsIn(`${file}.1`), idsIn(file)]).toEqual([['c', 'd'], ['e']]);
});
