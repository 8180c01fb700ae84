import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { admittedLine, readJournalLine, settledLine, unsentLine, type Admission } from './journal-line.ts';
import { LineWriter, type Segment } from './line-writer.ts';

/*
 * What this gateway owes the ledger, in files of its own.
 *
 *   admitted ──▶ settled ──▶ (in the ledger) done
 *       └──────▶ unsent ───▶ done
 *
 * `admitted` is written before a call is forwarded, `settled` before its answer is complete. Lines go to the system once a turn of the
 * event loop, all together; who waits for one is told after that. What the system has survives a kill of this process; it is flushed
 * to the disk in groups, for a power cut. Files are numbered segments. A segment goes when every call with a line in it is
 * done, the oldest first, so that a `settled` never goes before its `admitted`. What is left at a start is replayed: `settled` is
 * ingested again (the ledger takes each row once), an `admitted` without an end becomes an estimate of its bound (which the ledger does not
 * take for a call that it has a charge of).
 *
 * A full disk: no call is admitted. How open calls end is told to the ledger all the same, and written as soon as there is room, before
 * anything else.
 */

export interface Journal {
  /** `rowJson`: the call's row as it stands now; `bound` in nano-USD. */
  admitted(rowJson: string, bound: number): JournalTicket;
  /** False: the disk took no line lately; it is tried again all the time. */
  readonly writable: boolean;
  /** Flushes, closes; segments with something open stay for the next start. */
  close(): Promise<void>;
}

/** One call's place in the journal. */
export interface JournalTicket {
  /** Resolves when the line is in the file. Rejects when it can't be written: then the call must not be forwarded. */
  readonly admitted: Promise<void>;
  /** Resolves when the line is in the file; rejects when it can't be written yet: it will be when there is room. */
  settled(rowJson: string): Promise<void>;
  /** The call never left: nothing is owed. As `settled`. */
  unsent(requestId: string, attempt: number): Promise<void>;
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

const SEGMENT_BYTES = 8 * 1024 * 1024;
const FLUSH_EVERY_MS = 50;
const SEGMENT_NAME = /^journal-(\d{8})\.log$/;
const segmentName = (number: number): string => `journal-${String(number).padStart(8, '0')}.log`;

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
  const writer = new LineWriter({
    folder: options.folder,
    nameOf: segmentName,
    first: segmentFiles(options.folder).reduce((last, file) => Math.max(last, segmentNumber(file)), 0),
    segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
    onError: options.onError,
  });
  const timer = setInterval(() => {
    writer.retry();
    writer.flush();
  }, options.flushEveryMs ?? FLUSH_EVERY_MS);
  timer.unref();
  return {
    admitted: (rowJson, bound) => new Ticket(writer, admittedLine(rowJson, bound)),
    get writable() {
      return writer.writable;
    },
    close: async () => {
      clearInterval(timer);
      await writer.close();
    },
  };
}

class Ticket implements JournalTicket {
  readonly admitted: Promise<void>;
  readonly #writer: LineWriter;
  /** The segments that must stay until the call is done. */
  readonly #segments: Segment[] = [];
  #done = false;

  constructor(writer: LineWriter, text: string) {
    this.#writer = writer;
    this.admitted = this.#write(text, false);
  }

  settled(rowJson: string): Promise<void> {
    return this.#write(settledLine(rowJson), true);
  }

  unsent(requestId: string, attempt: number): Promise<void> {
    const written = this.#write(unsentLine(requestId, attempt), true);
    // Its own line holds on to the segments until it is there.
    this.#done = true;
    return written;
  }

  done(): void {
    this.#done = true;
    this.#release();
  }

  #write(text: string, owed: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writer.queue({
        text,
        owed,
        onWritten: (segment) => {
          if (!this.#segments.includes(segment)) {
            segment.references += 1;
            this.#segments.push(segment);
          }
          if (this.#done) this.#release();
          resolve();
        },
        onFailed: (error) => {
          if (this.#done) this.#release();
          reject(error);
        },
      });
    });
  }

  #release(): void {
    for (const segment of this.#segments.splice(0)) this.#writer.release(segment);
  }
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
