import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.ts';

async function* chunks(parts: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* parts;
}

async function collect(parts: Iterable<Buffer>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks(parts))) lines.push(line);
  return lines;
}

describe('lines of a byte stream', () => {
  it('are the same however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-zA-Z₹कुल {}":]+$/u).filter((line) => line.trim() !== '')),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        async (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const parts: Buffer[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            parts.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(await collect(parts)).toEqual(lines);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leave out empty ones and an end without a line feed', async () => {
    expect(await collect([Buffer.from('a\n\n \nb\nhalf')])).toEqual(['a', 'b']);
  });

  it('end with an error when one does not end', async () => {
    const much = Buffer.alloc(8 * 1024 * 1024, 'x');
    await expect(collect([much, much, much, much, Buffer.from('x')])).rejects.toThrow('too long');
  });
});
