import fc from 'fast-check';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { ledgerRowJson } from '../ledger/ledger-row-json.ts';
import { readJournalLine, settledLine } from './journal-line.ts';
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

const json = (request: string, cost = 0): string => ledgerRowJson(row(request, cost));

const open = (segmentBytes?: number): Journal =>
  openJournal({
    folder,
    segmentBytes,
    onError: (error) => {
      throw error;
    },
  });

describe('the journal', () => {
  test('knows after a kill at any moment what is owed', async () => {
    const step = fc.record({ call: fc.nat(15), do: fc.constantFrom('admit', 'settle', 'unsent', 'done' as const) });
    const segmentSizes = fc.constantFrom(200, 2_000, 1_000_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        segmentSizes,
        fc.boolean(),
        async (steps, segmentBytes, oneByOne) => {
          rmSync(folder, { recursive: true, force: true });
          const journal = open(segmentBytes);
          const written: Promise<void>[] = [];
          const calls = new Map<number, { ticket: JournalTicket; state: string; name: string }>();
          const finished = new Set<string>();
          let count = 0;
          for (const { call, do: what } of steps) {
            const known = calls.get(call);
            if (what === 'admit' && known === undefined) {
              const name = `r${(count += 1)}`;
              const ticket = journal.admitted(json(name), 9);
              written.push(ticket.admitted);
              calls.set(call, { ticket, state: 'open', name });
            } else if (known?.state === 'open' && what === 'settle') {
              written.push(known.ticket.settled(json(known.name, 5)));
              known.state = 'settled';
            } else if (known?.state === 'open' && what === 'unsent') {
              written.push(known.ticket.unsent(known.name, 1));
              calls.delete(call);
              finished.add(known.name);
            } else if (known?.state === 'settled' && what === 'done') {
              known.ticket.done();
              calls.delete(call);
              finished.add(known.name);
            }
            if (oneByOne) await Promise.all(written);
          }
          await Promise.all(written);
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
        },
      ),
      { numRuns: 60 },
    );
  });

  test('drops segments whose calls are done, in order, and leaves nothing after a clean end', async () => {
    const journal = open(300);
    const slow = journal.admitted(json('slow'), 9);
    for (let call = 0; call < 20; call += 1) {
      const ticket = journal.admitted(json(`quick ${call}`), 9);
      await ticket.admitted;
      await ticket.settled(json(`quick ${call}`, 5));
      ticket.done();
    }
    const before = readdirSync(folder).length;
    expect(before).toBeGreaterThan(10);
    await slow.settled(json('slow', 5));
    slow.done();
    expect(readdirSync(folder).length).toBeLessThan(3);
    await journal.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('survives a torn last line and counts damage', async () => {
    const journal = open();
    void journal.admitted(json('a'), 9).settled(json('a', 5));
    await journal.admitted(json('b'), 9).admitted;
    const [name] = readdirSync(folder);
    const file = path.join(folder, name!);
    appendFileSync(file, settledLine(json('b', 5)).slice(0, -20));
    const torn = readJournal(folder);
    expect([torn.settled.length, torn.open.length, torn.damaged]).toEqual([1, 1, 1]);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('"cost_nanousd":5', '"cost_nanousd":0'));
    expect(readJournal(folder)).toMatchObject({ settled: [], damaged: 2 });
    torn.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says that a line is written when it is in the file, and writes those of one turn together', async () => {
    const journal = open();
    const [name] = readdirSync(folder);
    const inFile = (): string => readFileSync(path.join(folder, name!), 'utf8');
    const tickets = ['a', 'b', 'c'].map((request) => journal.admitted(json(request), 9));
    expect(inFile()).toBe('');
    await Promise.all(
      tickets.map(async (ticket, index) => {
        await ticket.admitted;
        expect(inFile().split('\n')).toHaveLength(4);
        await ticket.settled(json('abc'[index]!, 5));
        expect(inFile().split('\n')).toHaveLength(7);
      }),
    );
    await journal.close();
    expect(readJournal(folder).settled.map((found) => found.request_id)).toEqual(['a', 'b', 'c']);
  });

  test('a line with any byte changed is no line', () => {
    const line = settledLine(json('a', 5)).trimEnd();
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
