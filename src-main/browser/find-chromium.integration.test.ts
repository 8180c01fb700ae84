import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './find-chromium.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-unpack-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the Chromium among the packages', () => {
  it('is unpacked once, into a folder that nobody else enters', async () => {
    const cache = path.join(home, '.cache', 'tenantdesk');
    mkdirSync(cache, { recursive: true });
    chmodSync(cache, 0o777);
    // A PATH without any browser, whatever this machine has.
    const tools = path.join(home, 'bin');
    mkdirSync(tools);
    for (const tool of ['setpriv', 'unshare']) {
      const program = spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim();
      if (program) symlinkSync(program, path.join(tools, tool));
    }
    const env = { HOME: home, PATH: tools };
    const said: string[] = [];
    const find = () => findChromium({ env, say: (line) => said.push(line) });
    const off = new AbortController();
    const calledOff = findChromium({ env, signal: off.signal });
    setTimeout(() => off.abort(), 100);
    await expect(calledOff).rejects.toThrow();
    expect(readdirSync(cache)).toEqual([]);

    const [one, other] = await Promise.all([find(), find()]);
    expect(one).toEqual(other);
    expect(one).toMatchObject({ windowed: false, source: 'package' });
    expect(readdirSync(cache)).toEqual([expect.stringMatching(/^chromium-\d/)]);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    expect(statSync(path.dirname(one.executable)).mode & 0o777).toBe(0o700);
    said.length = 0;
    expect(await find()).toEqual(one);
    expect(said).toEqual([]);
  });
});
