import fc from 'fast-check';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { journalLine, readJournalLine } from './journal-line.ts';
import { openJournal, readJournal, type Journal, type JournalTicket } from './journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-journal-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function row(request: string, cost = 0): LedgerRow {
  return {
    tenant_id: 't',
    occurred_at: '2026-11-20T00:00:00.000Z',
    request_id: request,
    attempt: 1,
    kind: 'charge',
    key_id: 'k',
    workflow_id: null,
    session: null,
    provider: 'openai',
    model: 'gpt-4o',
    input_tokens: 1,
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 1,
    reasoning_tokens: 0,
    units: null,
    cost_nanousd: cost,
    latency_ms: 1,
    first_token_ms: null,
    http_status: 200,
    outcome: 'ok',
    price_version: 1,
    grant_id: 'g',
  };
}

const open = (segmentBytes?: number): Journal =>
  openJournal({
    folder,
    segmentBytes,
    onError: (error) => {
      throw error;
    },
  });

describe('the journal', () => {
  test('knows after a kill at any moment what is owed', () => {
    const step = fc.record({ call: fc.nat(15), do: fc.constantFrom('admit', 'settle', 'unsent', 'done' as const) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(200, 2_000, 1_000_000), (steps, segmentBytes) => {
        rmSync(folder, { recursive: true, force: true });
        const journal = open(segmentBytes);
        const calls = new Map<number, { ticket: JournalTicket; state: string; name: string }>();
        const finished = new Set<string>();
        let count = 0;
        for (const { call, do: what } of steps) {
          const known = calls.get(call);
          if (what === 'admit' && known === undefined) {
            const name = `r${(count += 1)}`;
            calls.set(call, { ticket: journal.admitted({ row: row(name), bound: 9 }), state: 'open', name });
          } else if (known?.state === 'open' && what === 'settle') {
            known.ticket.settled(row(known.name, 5));
            known.state = 'settled';
          } else if (known?.state === 'open' && what === 'unsent') {
            known.ticket.unsent();
            calls.delete(call);
            finished.add(known.name);
          } else if (known?.state === 'settled' && what === 'done') {
            known.ticket.done();
            calls.delete(call);
            finished.add(known.name);
          }
        }
        // As a new process finds it: nothing was closed.
        const remains = readJournal(folder);
        const names = (state: string): string[] =>
          [...calls.values()]
            .filter((call) => call.state === state)
            .map(({ name }) => name)
            .toSorted();
        expect(remains.damaged).toBe(0);
        expect(remains.open.map((admission) => admission.row.request_id).toSorted()).toEqual(names('open'));
        const settled = remains.settled.map((found) => found.request_id);
        expect(settled.filter((name) => !finished.has(name)).toSorted()).toEqual(names('settled'));
      }),
      { numRuns: 60 },
    );
  });

  test('drops segments whose calls are done, in order, and leaves nothing after a clean end', async () => {
    const journal = open(300);
    const slow = journal.admitted({ row: row('slow'), bound: 9 });
    for (let call = 0; call < 20; call += 1) {
      const ticket = journal.admitted({ row: row(`quick ${call}`), bound: 9 });
      ticket.settled(row(`quick ${call}`, 5));
      ticket.done();
    }
    const before = readdirSync(folder).length;
    expect(before).toBeGreaterThan(10);
    slow.settled(row('slow', 5));
    slow.done();
    expect(readdirSync(folder).length).toBeLessThan(3);
    await journal.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('survives a torn last line and counts damage', () => {
    const journal = open();
    journal.admitted({ row: row('a'), bound: 9 }).settled(row('a', 5));
    journal.admitted({ row: row('b'), bound: 9 });
    const [name] = readdirSync(folder);
    const file = path.join(folder, name!);
    appendFileSync(file, journalLine({ entry: 'settled', row: row('b', 5) }).slice(0, -20));
    const torn = readJournal(folder);
    expect([torn.settled.length, torn.open.length, torn.damaged]).toEqual([1, 1, 1]);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"cost_nanousd":5', '"cost_nanousd":0'));
    expect(readJournal(folder)).toMatchObject({ settled: [], damaged: 2 });
    torn.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a line with any byte changed is no line', () => {
    const line = journalLine({ entry: 'settled', row: row('a', 5) }).trimEnd();
    expect(readJournalLine(line)).toEqual({ entry: 'settled', row: row('a', 5) });
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const letter = String.fromCharCode(code);
        if (line[at] === letter) return;
        expect(readJournalLine(line.slice(0, at) + letter + line.slice(at + 1))).toBeUndefined();
      }),
    );
  });
});
