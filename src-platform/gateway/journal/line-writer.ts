import { closeSync, fdatasync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A file of lines. It goes when nothing refers to it any more, the oldest first. */
export interface Segment {
  readonly file: string;
  readonly descriptor: number;
  bytes: number;
  references: number;
}

/** Hears what became of a line. */
export interface WrittenLine {
  readonly text: string;
  /** It has to get into the file, however late: tried again when there is room, before any other line. */
  readonly owed?: boolean;
  /** It is in this file now: a kill does not lose it. */
  onWritten(segment: Segment): void;
  /** An owed line may be written after all. */
  onFailed(error: Error): void;
}

export interface LineWriterOptions {
  readonly folder: string;
  readonly nameOf: (number: number) => string;
  /** Number of the first segment. */
  readonly first: number;
  readonly segmentBytes: number;
  /** Answers how many bytes the system took. Default: writeSync. */
  readonly write?: (descriptor: number, bytes: Buffer) => number;
  /** Hears of a failed flush to disk. */
  readonly onError: (error: Error) => void;
}

const EMPTY_LINE: WrittenLine = { text: '\n', onWritten: () => undefined, onFailed: () => undefined };

/**
 * Writes lines to numbered files. All lines of one turn of the event loop go in one write, before anything that waits for them
 * is done: with many calls at once a line costs a fraction of a system call.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  readonly #write: (descriptor: number, bytes: Buffer) => number;
  readonly #segments: Segment[] = [];
  #number: number;
  #active: Segment;
  #queued: WrittenLine[] = [];
  #dirty = false;
  /** The disk was full in the middle of a line: the next one must not be glued to that half. */
  #torn = false;
  #flushing = false;
  /** The last write did not take all. */
  #failing = false;
  #owed: WrittenLine[] = [];

  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#write = options.write ?? writeSync;
    this.#number = options.first;
    this.#active = this.#nextSegment();
  }

  /** False: the last write failed. */
  get writable(): boolean {
    return !this.#failing;
  }

  queue(line: WrittenLine): void {
    if (this.#queued.length === 0) setImmediate(this.#writeQueued);
    this.#queued.push(line);
  }

  release(segment: Segment): void {
    segment.references -= 1;
    for (let oldest = this.#segments[0]; oldest !== undefined && oldest !== this.#active; oldest = this.#segments[0]) {
      if (oldest.references > 0) return;
      this.#segments.shift();
      closeSync(oldest.descriptor);
      rmSync(oldest.file, { force: true });
    }
  }

  /** While writing fails: the owed lines again, else an empty one, so that room that is back is noticed without a call. */
  retry(): void {
    if (!this.#failing) return;
    if (this.#owed.length === 0) this.#queued.push(EMPTY_LINE);
    this.#writeQueued();
  }

  /** To the disk, in the background. */
  flush(): void {
    if (!this.#dirty || this.#flushing) return;
    this.#dirty = false;
    this.#flushing = true;
    fdatasync(this.#active.descriptor, (error) => {
      this.#flushing = false;
      this.#afterFlush(error);
    });
  }

  /** Writes what is queued, flushes, closes; files with something open stay. */
  async close(): Promise<void> {
    this.#writeQueued();
    await new Promise<void>((resolve) => {
      fdatasync(this.#active.descriptor, () => resolve());
    });
    const nothingOpen = this.#segments.every(({ references }) => references === 0);
    for (const { descriptor, file } of this.#segments) {
      closeSync(descriptor);
      if (nothingOpen) rmSync(file, { force: true });
    }
  }

  readonly #writeQueued = (): void => {
    if (this.#queued.length + this.#owed.length === 0) return;
    const lines = this.#owed.length === 0 ? this.#queued : [...this.#owed, ...this.#queued];
    this.#owed = [];
    this.#queued = [];
    if (this.#active.bytes > this.#options.segmentBytes) this.#startSegment();
    const segment = this.#active;
    const prefix = this.#torn ? '\n' : '';
    let text = prefix;
    for (const line of lines) text += line.text;
    const bytes = Buffer.from(text);
    let written = 0;
    let failure = new Error(`The journal in ${this.#options.folder} can't be written: no room.`);
    try {
      written = this.#write(segment.descriptor, bytes);
    } catch (error) {
      if (error instanceof Error) failure = error;
    }
    segment.bytes += written;
    this.#dirty = true;
    const whole = written === bytes.length ? lines.length : wholeLines(lines, written - prefix.length);
    this.#failing = whole < lines.length;
    if (written > 0) this.#torn = this.#failing;
    for (let index = 0; index < whole; index += 1) lines[index]?.onWritten(segment);
    if (!this.#failing) return;
    const failed = lines.slice(whole);
    this.#owed = failed.filter(({ owed }) => owed === true);
    for (const line of failed) line.onFailed(failure);
  };

  #startSegment(): void {
    const full = this.#active.descriptor;
    try {
      this.#active = this.#nextSegment();
    } catch (error) {
      // No room for another file: this one grows on.
      if (error instanceof Error) this.#options.onError(error);
      return;
    }
    this.#torn = false;
    fdatasync(full, (error) => this.#afterFlush(error));
  }

  #nextSegment(): Segment {
    const file = path.join(this.#options.folder, this.#options.nameOf(this.#number + 1));
    const segment = { file, descriptor: openSync(file, 'ax', 0o600), bytes: 0, references: 0 };
    this.#number += 1;
    this.#segments.push(segment);
    return segment;
  }

  /** A segment that went meanwhile needs no flush. */
  #afterFlush(error: NodeJS.ErrnoException | null): void {
    if (error && error.code !== 'EBADF') this.#options.onError(error);
  }
}

/** How many lines are complete in the first so many bytes. */
function wholeLines(lines: readonly WrittenLine[], bytes: number): number {
  let count = 0;
  let end = 0;
  for (const { text } of lines) {
    end += Buffer.byteLength(text);
    if (end > bytes) break;
    count += 1;
  }
  return count;
}
