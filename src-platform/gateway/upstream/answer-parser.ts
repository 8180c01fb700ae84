/*
 * Reads HTTP/1.1 answers, one after the other, from whatever pieces they come in. Strict: what could be understood in two ways (two
 * lengths, a length beside chunks, folded headers, a chunk size with signs) is no answer at all, because the next answer on the connection
 * would begin somewhere else than the provider thinks.
 *
 *   head ──▶ none │ length │ chunks │ until the end of the connection ──▶ complete ──restart()──▶ head
 *    └─1xx─▶ head
 */

export interface AnswerHead {
  readonly statusCode: number;
  /** Empty: none given. */
  readonly contentType: string;
  readonly retryAfter: string | undefined;
}

/** Hears of one answer, in this order: the head once, pieces of the body, the end once. */
export interface AnswerListener {
  onHead(head: AnswerHead): void;
  /** A piece of its own: it stays as it is. */
  onData(bytes: Buffer): void;
  onEnd(): void;
}

/** What came is no answer, or can't be told apart from the next one. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
}

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';
const LARGEST_HEAD = 64 * 1024;
const LONGEST_LINE = 4 * 1024;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const LENGTH = /^\d{1,15}$/;
const CHUNK_SIZE = /^([0-9a-f]{1,12})[ \t]*(?:;[^\r\n]*)?$/i;
const KEEP_ALIVE_SECONDS = /(?:^|[\s,;])timeout=(\d{1,6})/i;
const NO_BYTES = Buffer.alloc(0);

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-end' | 'complete';

export class AnswerParser {
  readonly #listener: AnswerListener;
  #state: State = 'head';
  /** What came of a head or a line that is not whole yet. */
  #kept: Buffer = NO_BYTES;
  /** Bytes of the body or of the chunk that are still to come. */
  #left = 0;
  #trailerBytes = 0;
  #pieces: Buffer[] = [];
  /** The connection may be used again after this answer. */
  reusable = true;
  /** For how long the provider keeps it, milliseconds; undefined: it does not say. */
  keptForMs: number | undefined;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  get complete(): boolean {
    return this.#state === 'complete';
  }

  /** Ready for the next answer. */
  restart(): void {
    this.#state = 'head';
    this.#kept = NO_BYTES;
    this.#trailerBytes = 0;
    this.reusable = true;
    this.keptForMs = undefined;
  }

  /** `bytes` may be written over afterwards. @throws BadAnswer */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    let input = bytes;
    if (this.#kept.length > 0) {
      input = Buffer.concat([this.#kept, bytes]);
      this.#kept = NO_BYTES;
    }
    let at = 0;
    while (at < input.length && !this.complete) {
      const next = this.#step(input, at);
      if (next === undefined) {
        // Not whole: looked at again with what comes next.
        this.#kept = Buffer.from(input.subarray(at));
        break;
      }
      at = next;
    }
    // More than the answer has: whatever that is, it must not be taken for the next one.
    if (this.complete && at < input.length) this.reusable = false;
    this.#tellData();
    if (this.complete) this.#listener.onEnd();
  }

  /** The provider closed the connection. @throws BadAnswer when the answer is not whole */
  end(): void {
    if (this.#state !== 'until-end') throw new BadAnswer('The connection was closed before the answer was complete.');
    this.#state = 'complete';
    this.#listener.onEnd();
  }

  /** Reads on from `at`; answers where it stopped, undefined: more bytes are needed. */
  #step(input: Buffer, at: number): number | undefined {
    if (this.#state === 'head') return this.#readHead(input, at);
    if (this.#state === 'length' || this.#state === 'chunk') return this.#readCounted(input, at);
    if (this.#state !== 'until-end') return this.#readLine(input, at);
    this.#keep(input, at, input.length);
    return input.length;
  }

  #readHead(input: Buffer, at: number): number | undefined {
    const end = input.indexOf(HEAD_END, at, 'latin1');
    if (end === -1) {
      if (input.length - at > LARGEST_HEAD) throw new BadAnswer('The head of the answer is too large.');
      return undefined;
    }
    this.#takeHead(input.toString('latin1', at, end));
    return end + HEAD_END.length;
  }

  #takeHead(text: string): void {
    const lines = text.split(LINE_END);
    const status = STATUS_LINE.exec(lines[0] ?? '');
    if (status === null) throw new BadAnswer('The answer has no status line of HTTP/1.1.');
    const statusCode = Number(status[2]);
    let length: string | undefined;
    let encoding: string | undefined;
    let contentType = '';
    let retryAfter: string | undefined;
    let connection = '';
    for (let index = 1; index < lines.length; index += 1) {
      const line = lines[index] ?? '';
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon));
      if (!HEADER_NAME.test(name)) throw new BadAnswer('A header of the answer has no valid name.');
      switch (name.toLowerCase()) {
        case 'content-length':
          if (length !== undefined) throw new BadAnswer('The answer has two lengths.');
          length = line.slice(colon + 1).trim();
          break;
        case 'transfer-encoding':
          if (encoding !== undefined) throw new BadAnswer('The answer is encoded twice.');
          encoding = line.slice(colon + 1).trim();
          break;
        case 'content-type':
          contentType = line.slice(colon + 1).trim();
          break;
        case 'retry-after':
          retryAfter = line.slice(colon + 1).trim();
          break;
        case 'connection':
          connection = `${connection},${line
            .slice(colon + 1)
            .trim()
            .toLowerCase()}`;
          break;
        case 'keep-alive': {
          const seconds = KEEP_ALIVE_SECONDS.exec(line.slice(colon + 1))?.[1];
          if (seconds !== undefined) this.keptForMs = Number(seconds) * 1000;
          break;
        }
      }
    }
    if (statusCode < 200) {
      if (statusCode === 101) throw new BadAnswer('The provider wants to speak another protocol.');
      return;
    }
    const words = connection.split(/[\s,]+/);
    this.reusable = !words.includes('close') && (status[1] === '1' || words.includes('keep-alive'));
    this.#state = this.#bodyOf(statusCode, length, encoding);
    this.#listener.onHead({ statusCode, contentType, retryAfter });
  }

  #bodyOf(statusCode: number, length: string | undefined, encoding: string | undefined): State {
    if (length !== undefined && encoding !== undefined) throw new BadAnswer('The answer has a length and chunks.');
    if (statusCode === 204 || statusCode === 304) return 'complete';
    if (encoding !== undefined) {
      if (encoding.toLowerCase() !== 'chunked') throw new BadAnswer('The answer is encoded in an unknown way.');
      return 'chunk-size';
    }
    if (length === undefined) {
      this.reusable = false;
      return 'until-end';
    }
    if (!LENGTH.test(length)) throw new BadAnswer('The length of the answer is no number.');
    this.#left = Number(length);
    return this.#left === 0 ? 'complete' : 'length';
  }

  #readCounted(input: Buffer, at: number): number {
    const end = Math.min(input.length, at + this.#left);
    this.#keep(input, at, end);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'complete' : 'chunk-end';
    return end;
  }

  #readLine(input: Buffer, at: number): number | undefined {
    const end = input.indexOf(LINE_END, at, 'latin1');
    if (end === -1) {
      if (input.length - at > LONGEST_LINE) throw new BadAnswer('A line between chunks is too long.');
      return undefined;
    }
    const line = input.toString('latin1', at, end);
    if (this.#state === 'chunk-size') {
      const size = CHUNK_SIZE.exec(line)?.[1];
      if (size === undefined) throw new BadAnswer('The size of a chunk is no number.');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    } else if (this.#state === 'chunk-end') {
      if (line !== '') throw new BadAnswer('A chunk is longer than it says.');
      this.#state = 'chunk-size';
    } else if (line === '') {
      this.#state = 'complete';
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > LARGEST_HEAD) throw new BadAnswer('What follows the answer is too large.');
    }
    return end + LINE_END.length;
  }

  #keep(input: Buffer, at: number, end: number): void {
    this.#pieces.push(Buffer.from(input.subarray(at, end)));
  }

  /** What one read brought is told in one piece. */
  #tellData(): void {
    const [first] = this.#pieces;
    if (first === undefined) return;
    const all = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#listener.onData(all);
  }
}
