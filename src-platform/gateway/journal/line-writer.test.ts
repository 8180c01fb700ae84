import { mkdtempSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LineWriter } from './line-writer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-lines-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(writer: LineWriter, text: string, owed = false): Promise<string> {
  return new Promise((resolve) => {
    writer.queue({
      text: `${text}\n`,
      owed,
      onWritten: () => {
        resolve(`${text} written`);
      },
      onFailed: () => {
        resolve(`${text} failed`);
      },
    });
  });
}

test('a full disk fails the lines that are not whole, and no line is glued to a half one', async () => {
  let room = Number.POSITIVE_INFINITY;
  const writer = new LineWriter({
    folder,
    nameOf: String,
    first: 0,
    segmentBytes: 1_000,
    write: (descriptor, bytes) => {
      if (room === 0) throw new Error('ENOSPC: no space left on device');
      return writeSync(descriptor, bytes.subarray(0, room));
    },
    onError: () => undefined,
  });
  const all = (bytes: number, ...texts: string[]): Promise<string[]> => {
    room = bytes;
    return Promise.all(texts.map((text) => write(writer, text)));
  };
  expect(await all(100, 'aaa', 'bbb')).toEqual(['aaa written', 'bbb written']);
  expect(await all(6, 'ccc', 'ddd', 'eee')).toEqual(['ccc written', 'ddd failed', 'eee failed']);
  expect(await all(0, 'fff')).toEqual(['fff failed']);
  expect(await all(100, 'ggg')).toEqual(['ggg written']);
  expect(await all(4, 'hhh', 'iii')).toEqual(['hhh written', 'iii failed']);
  expect(await all(100, 'jjj')).toEqual(['jjj written']);
  const [name] = readdirSync(folder);
  const lines = readFileSync(path.join(folder, name!), 'utf8').split('\n');
  expect(lines.filter((line) => line !== '')).toEqual(['aaa', 'bbb', 'ccc', 'dd', 'ggg', 'hhh', 'jjj']);
  await writer.close();
});

test('what is owed is written before anything else when there is room again, which is noticed without a line', async () => {
  let room = 100;
  const writer = new LineWriter({
    folder,
    nameOf: String,
    first: 0,
    segmentBytes: 1_000,
    write: (descriptor, bytes) => {
      const taken = writeSync(descriptor, bytes.subarray(0, room));
      room -= taken;
      return taken;
    },
    onError: () => undefined,
  });
  const lines = (): string[] => {
    const [name] = readdirSync(folder);
    return readFileSync(path.join(folder, name!), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  };
  expect(await write(writer, 'aaa')).toBe('aaa written');
  expect(writer.writable).toBe(true);
  room = 2;
  expect(await Promise.all([write(writer, 'bbb', true), write(writer, 'ccc')])).toEqual(['bbb failed', 'ccc failed']);
  expect(writer.writable).toBe(false);
  room = 7;
  expect(await Promise.all([write(writer, 'ddd'), write(writer, 'eee', true)]), 'b is owed first').toEqual([
    'ddd failed',
    'eee failed',
  ]);
  writer.retry();
  expect(writer.writable).toBe(false);
  room = 100;
  writer.retry();
  expect(writer.writable).toBe(true);
  expect(lines()).toEqual(['aaa', 'bb', 'bbb', 'dd', 'eee']);
  expect(await write(writer, 'fff')).toBe('fff written');
  room = 0;
  expect(await write(writer, 'ggg')).toBe('ggg failed');
  room = 1;
  writer.retry();
  expect(writer.writable, 'nothing is owed: an empty line will do').toBe(true);
  expect(lines()).toEqual(['aaa', 'bb', 'bbb', 'dd', 'eee', 'fff']);
  await writer.close();
});
