import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerParser, BadAnswer, type AnswerHead } from './answer-parser.ts';

interface Read {
  readonly heads: AnswerHead[];
  readonly body: string;
  readonly ends: number;
  readonly parser: AnswerParser;
}

/** Pushes the bytes in pieces; each read uses the same buffer, as a connection does. */
function read(pieces: readonly Buffer[]): Read {
  const heads: AnswerHead[] = [];
  const bodies: Buffer[] = [];
  let ends = 0;
  const parser = new AnswerParser({
    onHead: (head) => heads.push(head),
    onData: (bytes) => bodies.push(bytes),
    onEnd: () => {
      ends += 1;
    },
  });
  const shared = Buffer.alloc(64 * 1024);
  for (const piece of pieces) {
    piece.copy(shared);
    parser.push(shared.subarray(0, piece.length));
    shared.fill(0);
  }
  return { heads, body: Buffer.concat(bodies).toString(), ends, parser };
}

const answer = (head: readonly string[], body = ''): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\n${head.map((line) => `${line}\r\n`).join('')}\r\n${body}`);

describe('answers of providers', () => {
  test('are the same however they are cut', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { maxLength: 8 });
    const cuts = fc.array(fc.nat(2_000), { maxLength: 12 });
    fc.assert(
      fc.property(texts, cuts, fc.boolean(), (chunks, at, chunked) => {
        const body = chunks.join('');
        const framed = chunks.map((text) => `${Buffer.byteLength(text).toString(16)};x=1\r\n${text}\r\n`).join('');
        const bytes = chunked
          ? answer(['Transfer-Encoding: chunked', 'content-type: text/event-stream'], `${framed}0\r\nx-end: 1\r\n\r\n`)
          : answer([`content-length: ${Buffer.byteLength(body)}`, 'Content-Type: text/event-stream'], body);
        const borders = [0, ...at.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
        const pieces = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
        const found = read(pieces);
        expect(found.heads).toEqual([{ statusCode: 200, contentType: 'text/event-stream', retryAfter: undefined }]);
        expect(found.body).toBe(body);
        expect([found.ends, found.parser.complete, found.parser.reusable]).toEqual([1, true, true]);
      }),
    );
  });

  test('one after the other on a connection, with words in between', () => {
    const found = read([
      Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'),
      answer(['content-length: 2'], 'ab'),
    ]);
    expect([found.heads.length, found.body, found.ends]).toEqual([1, 'ab', 1]);
    found.parser.restart();
    found.parser.push(Buffer.from('HTTP/1.1 204 No Content\r\nretry-after: 7\r\n\r\n'));
    expect(found.heads.at(-1)).toEqual({ statusCode: 204, contentType: '', retryAfter: '7' });
    expect(found.parser.complete).toBe(true);
  });

  test('end with the connection where they have neither length nor chunks, and only there', () => {
    const open = read([answer(['content-type: text/plain'], 'abc')]);
    expect([open.body, open.ends, open.parser.reusable]).toEqual(['abc', 0, false]);
    open.parser.end();
    expect(open.parser.complete).toBe(true);
    const cut = read([answer(['content-length: 9'], 'abc')]);
    expect(() => {
      cut.parser.end();
    }).toThrow(BadAnswer);
  });

  test('leave a connection that may not be used again', () => {
    const reusable = (bytes: Buffer): boolean => read([bytes]).parser.reusable;
    expect(reusable(answer(['content-length: 0', 'connection: Keep-Alive, Close']))).toBe(false);
    expect(reusable(Buffer.from('HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'))).toBe(false);
    expect(reusable(answer(['content-length: 1'], 'abHTTP/1.1 200 OK\r\n\r\n'))).toBe(false);
    expect(read([answer(['content-length: 0', 'keep-alive: timeout=5, max=9'])]).parser.keptForMs).toBe(5_000);
  });

  test.each([
    ['HTTP/2 200 OK\r\n\r\n'],
    ['HTTP/1.1 20 OK\r\n\r\n'],
    ['HTTP/1.1 101 Switching\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\na'],
    ['HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\ncontent-type: a\r\n b\r\n\r\n'],
    ['HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\na'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\na\r\n'],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n'],
    [`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${'x'.repeat(9_000)}`],
    [`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(70_000)}`],
  ])('%# that could be taken for two things are none', (text) => {
    const parser = new AnswerParser({ onHead: () => undefined, onData: () => undefined, onEnd: () => undefined });
    expect(() => {
      parser.push(Buffer.from(text));
    }).toThrow(BadAnswer);
  });
});
