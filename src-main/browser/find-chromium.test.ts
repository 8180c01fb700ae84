import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, NoChromiumError } from './find-chromium.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-chromium-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function program(...place: string[]): string {
  const file = path.join(home, ...place);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

const PLAYWRIGHTS = ['.cache', 'ms-playwright'];

describe.runIf(process.platform === 'linux')('looking for a browser', () => {
  it('takes one on PATH first, the plain Chromium before the others', async () => {
    program('bin', 'google-chrome');
    const chromium = program('bin', 'chromium');
    program(...PLAYWRIGHTS, 'chromium-1200', 'chrome-linux64', 'chrome');
    const found = await findChromium({ env: { HOME: home, PATH: `relative:${path.join(home, 'bin')}` } });
    expect(found).toEqual({ executable: chromium, windowed: true, env: {}, source: 'path' });
  });

  it('passes by what cannot be run', async () => {
    mkdirSync(path.join(home, 'bin', 'chromium'), { recursive: true });
    chmodSync(program('other', 'chromium'), 0o644);
    const chrome = program('other', 'google-chrome');
    const PATH = `${path.join(home, 'bin')}:${path.join(home, 'other')}`;
    expect((await findChromium({ env: { HOME: home, PATH } })).executable).toBe(chrome);
  });

  it("takes the newest of Playwright's next", async () => {
    program(...PLAYWRIGHTS, 'chromium-999', 'chrome-linux', 'chrome');
    const newest = program(...PLAYWRIGHTS, 'chromium-1234', 'chrome-linux64', 'chrome');
    program(...PLAYWRIGHTS, 'chromium_headless_shell-1300', 'chrome-linux64', 'chrome');
    const env = { HOME: home, PATH: '' };
    expect(await findChromium({ env })).toMatchObject({ executable: newest, windowed: true, source: 'playwright' });
    const elsewhere = program('pw', 'chromium-1', 'chrome-linux64', 'chrome');
    const set = { ...env, PLAYWRIGHT_BROWSERS_PATH: path.join(home, 'pw') };
    expect((await findChromium({ env: set })).executable).toBe(elsewhere);
  });

  it('says what it looked for when a window is wanted and none can be had', async () => {
    const looking = findChromium({ env: { HOME: home, PATH: '' }, windowed: true });
    await expect(looking).rejects.toThrow(NoChromiumError);
    await expect(looking).rejects.toThrow(/chromium, .*google-chrome/);
  });
});
