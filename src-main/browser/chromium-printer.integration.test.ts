/** A real Chromium without a display: whichever this machine has. */
import { createServer } from 'node:http';
import os from 'node:os';
import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestPrinter } from '../testing/test-printer.ts';
import { createChromiumPrinter } from './chromium-printer.ts';

const printer = createTestPrinter();
afterAll(() => printer.close());

const PAGE = '<!doctype html><html lang="en"><title>A page</title><h1>Head</h1><p>Words</p>';
const isPdf = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '%PDF-';

describe('the printer of the browser shell', () => {
  it('prints several pages at once, and again after it was closed', async () => {
    const pages = await Promise.all([printer.print(PAGE), printer.print(PAGE), printer.print(PAGE)]);
    expect(pages.every(isPdf)).toBe(true);
    await printer.close();
    expect(isPdf(await printer.print(PAGE))).toBe(true);
  });

  it('runs nothing and asks no network, also where a page has no rule of its own', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    const listening = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const bytes = await printer.print(
      `${PAGE}<img src="${origin}/img"><link rel="stylesheet" href="${origin}/css"><iframe src="${origin}/frame"></iframe>` +
        `<script>location.href = '${origin}/script'</script><meta http-equiv="refresh" content="0;url=${origin}/refresh">`,
    );
    server.close();
    expect(isPdf(bytes)).toBe(true);
    expect(asked).toEqual([]);
  });

  it('stops for one who leaves, and prints for the next', async () => {
    const leaving = new AbortController();
    const printing = printer.print(PAGE, leaving.signal);
    leaving.abort(new Error('left'));
    await expect(printing).rejects.toThrow('left');
    expect(isPdf(await printer.print(PAGE))).toBe(true);
  });

  it('says in a sentence that there is no Chromium, and leaves no profile', async () => {
    const broken = createChromiumPrinter({
      find: async () => ({ executable: '/bin/false', windowed: false, env: {}, source: 'path' }),
      env: process.env,
    });
    await expect(broken.print(PAGE)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: /^The PDF could not be made: /,
    });
    await broken.close();
    await printer.close();
    const own = new RegExp(`^tenantdesk-printer-${process.pid}\\b`);
    expect(readdirSync(os.tmpdir()).filter((name) => own.test(name))).toEqual([]);
  });
});
