import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { journalLine, readJournalLine, type Admission, type JournalEntry } from './journal-line.ts';

/*
 * What this gateway owes the ledger, in files of its own.
 *
 *   admitted ──▶ settled ──▶ (in the ledger) done
 *       └──────▶ unsent ───▶ done
 *
 * `admitted` is written before a call is forwarded, `settled` before its answer is complete. Both are written through to the
 * system by the time the function returns, so they survive a kill of this process; they are flushed to the disk in groups,
 * for a power cut. Files are numbered segments. A segment goes when every call with a line in it is done, the oldest first, so
 * that a `settled` never goes before its `admitted`. What is left at a start is replayed: `settled` is ingested again (the ledger
 * takes each row once), an `admitted` without an end becomes an estimate of its bound.
 */

export interface Journal {
  /** @throws when the file can't be written: then the call must not be forwarded. */
  admitted(admission: Admission): JournalTicket;
  /** Flushes, closes; segments with something open stay for the next start. */
  close(): Promise<void>;
}

/** One call's place in the journal. */
export interface JournalTicket {
  settled(row: LedgerRow): void;
  /** The call never left: nothing is owed. */
  unsent(): void;
  /** The ledger has it. */
  done(): void;
}

/** What an earlier run left behind. */
export interface JournalRemains {
  readonly settled: readonly LedgerRow[];
  /** Admitted, and nobody knows how it ended. */
  readonly open: readonly Admission[];
  /** Lines that could not be read; more than a torn last line a segment means a damaged disk. */
  readonly damaged: number;
  /** Removes the files: call when everything in them is in the ledger. */
  remove(): void;
}

export interface JournalOptions {
  readonly folder: string;
  readonly segmentBytes?: number;
  readonly flushEveryMs?: number;
  /** Hears of a failed flush to disk. */
  readonly onError: (error: Error) => void;
}

interface Segment {
  readonly file: string;
  readonly descriptor: number;
  bytes: number;
  references: number;
}

const SEGMENT_BYTES = 8 * 1024 * 1024;
const FLUSH_EVERY_MS = 50;
const SEGMENT_NAME = /^journal-(\d{8})\.log$/;

/** Reads what lies in the folder; to be called before `openJournal`, which starts a new segment. */
export function readJournal(folder: string): JournalRemains {
  const files = segmentFiles(folder);
  const open = new Map<string, Admission>();
  const settled: LedgerRow[] = [];
  let damaged = 0;
  for (const file of files) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      const entry = readJournalLine(line);
      if (entry === undefined) damaged += 1;
      else if (entry.entry === 'admitted') open.set(callName(entry.row), { row: entry.row, bound: entry.bound });
      else if (entry.entry === 'unsent') open.delete(`${entry.requestId}/${entry.attempt}`);
      else {
        open.delete(callName(entry.row));
        settled.push(entry.row);
      }
    }
  }
  return {
    settled,
    open: [...open.values()],
    damaged,
    remove: () => {
      for (const file of files) rmSync(file, { force: true });
    },
  };
}

export function openJournal(options: JournalOptions): Journal {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  let number = segmentFiles(options.folder).reduce((last, file) => Math.max(last, segmentNumber(file)), 0);
  const segments: Segment[] = [];
  let active = nextSegment();
  let dirty = false;
  let flushing = false;

  function nextSegment(): Segment {
    number += 1;
    const file = path.join(options.folder, `journal-${String(number).padStart(8, '0')}.log`);
    const segment = { file, descriptor: openSync(file, 'ax', 0o600), bytes: 0, references: 0 };
    segments.push(segment);
    return segment;
  }

  function append(entry: JournalEntry): Segment {
    if (active.bytes > (options.segmentBytes ?? SEGMENT_BYTES)) {
      fdatasync(active.descriptor, afterFlush);
      active = nextSegment();
    }
    const line = Buffer.from(journalLine(entry));
    const written = writeSync(active.descriptor, line);
    active.bytes += written;
    dirty = true;
    if (written === line.length) return active;
    // The disk is full: the next line must not be glued to this half.
    active = nextSegment();
    throw new Error(`The journal in ${options.folder} can't be written: no room.`);
  }

  function release(segment: Segment): void {
    segment.references -= 1;
    for (let oldest = segments[0]; oldest !== undefined && oldest !== active; oldest = segments[0]) {
      if (oldest.references > 0) return;
      segments.shift();
      closeSync(oldest.descriptor);
      rmSync(oldest.file, { force: true });
    }
  }

  function flush(): void {
    if (!dirty || flushing) return;
    dirty = false;
    flushing = true;
    fdatasync(active.descriptor, (error) => {
      flushing = false;
      afterFlush(error);
    });
  }

  /** A segment that went meanwhile needs no flush. */
  function afterFlush(error: NodeJS.ErrnoException | null): void {
    if (error && error.code !== 'EBADF') options.onError(error);
  }

  function ticket(admission: Admission): JournalTicket {
    const admittedIn = append({ entry: 'admitted', ...admission });
    admittedIn.references += 1;
    let settledIn: Segment | undefined;
    const done = (): void => {
      if (settledIn !== undefined && settledIn !== admittedIn) release(settledIn);
      release(admittedIn);
    };
    return {
      settled: (row) => {
        settledIn = append({ entry: 'settled', row });
        if (settledIn !== admittedIn) settledIn.references += 1;
      },
      unsent: () => {
        const { request_id: requestId, attempt } = admission.row;
        append({ entry: 'unsent', requestId, attempt });
        done();
      },
      done,
    };
  }

  const timer = setInterval(flush, options.flushEveryMs ?? FLUSH_EVERY_MS);
  timer.unref();
  return {
    admitted: ticket,
    close: async () => {
      clearInterval(timer);
      await new Promise<void>((resolve) => {
        fdatasync(active.descriptor, () => resolve());
      });
      for (const { descriptor, file, references } of segments) {
        closeSync(descriptor);
        if (references === 0 && segments.every((segment) => segment.references === 0)) rmSync(file, { force: true });
      }
    },
  };
}

function segmentFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => SEGMENT_NAME.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

function segmentNumber(file: string): number {
  return Number(SEGMENT_NAME.exec(path.basename(file))?.[1] ?? 0);
}

function callName(row: LedgerRow): string {
  return `${row.request_id}/${row.attempt}`;
}
