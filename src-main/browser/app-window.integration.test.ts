/** A real Chromium without a display: whichever this machine has. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writePageList } from '../app/page-list.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { openAppWindow } from './app-window.ts';
import { startBrowserServer, type BrowserServer } from './browser-server.ts';
import { findChromium, type Chromium } from './find-chromium.ts';

const fakeConsole = createFakeConsole({ frameMs: 0 });
let chromium: Chromium;
let temporary: string;
let pageFolder: string;
let server: BrowserServer;

beforeAll(async () => {
  chromium = await findChromium({ env: process.env });
  // A temporary folder of our own: other windows of this machine come and go in the usual one.
  temporary = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-test-'));
  vi.stubEnv('TMPDIR', temporary);
  pageFolder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-page-'));
  writeFileSync(path.join(pageFolder, 'index.html'), '<!doctype html><title>signed in</title>');
  writePageList(pageFolder, ['index.html']);
  server = await startBrowserServer({
    router: fakeConsole.router,
    pageFolder,
    random: randomBytes,
    nowMs: () => performance.now(),
  });
});
afterAll(async () => {
  await server.close();
  fakeConsole.close();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

const profiles = (): string[] => readdirSync(os.tmpdir()).filter((name) => name.startsWith('tenantdesk-window-'));

/** Contents of such a file of every process, where they can be read. */
function ofAllProcesses(file: string): { pid: string; text: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{ pid, text: readFileSync(`/proc/${pid}/${file}`, 'utf8') }];
      } catch {
        return [];
      }
    });
}

/** The `Seccomp` of each renderer below that process; 2: it is in the sandbox. Others' renderers come and go meanwhile. */
function renderersOf(main: string): (string | undefined)[] {
  const statuses = new Map(ofAllProcesses('status').map(({ pid, text }) => [pid, text]));
  const descends = (pid: string): boolean => {
    const parent = /^PPid:\s+(\d+)$/m.exec(statuses.get(pid) ?? '')?.[1];
    return parent !== undefined && (parent === main || descends(parent));
  };
  return ofAllProcesses('cmdline')
    .filter(({ pid, text }) => text.includes('--type=renderer') && descends(pid))
    .map(({ pid }) => /^Seccomp:\s+(\d)$/m.exec(statuses.get(pid) ?? '')?.[1]);
}

async function untilTitle(evaluate: (expression: string) => Promise<unknown>): Promise<void> {
  // The page that is left may answer a first time, or refuse to.
  while ((await evaluate('document.title').catch(() => '')) !== 'signed in') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the app window', () => {
  it('signs in without a trace of the token in a process list, in the sandbox, and cleans up', async () => {
    const before = profiles();
    const address = server.newAddress();
    const window = await openAppWindow({ chromium, address, headless: true, env: process.env });
    await untilTitle((expression) => window.evaluate(expression));

    const commandLines = ofAllProcesses('cmdline');
    const token = address.split('/').at(-1) ?? '';
    expect(commandLines.filter(({ text }) => text.includes(token))).toEqual([]);
    const profile = profiles().find((name) => !before.includes(name)) ?? 'none';
    const ours = commandLines.filter(({ text }) => text.includes(profile));
    expect(ours.some(({ text }) => /--no-sandbox|--remote-debugging-port/.test(text))).toBe(false);
    const main = ours.find(({ text }) => !text.includes('--type='))?.pid ?? 'none';
    await vi.waitFor(() => expect(new Set(renderersOf(main))).toEqual(new Set(['2'])));

    await window.close();
    await window.closed;
    expect(profiles()).toEqual(before);
  });

  it('tells when Chromium is gone', async () => {
    const before = new Set(profiles());
    const window = await openAppWindow({ chromium, address: server.newAddress(), headless: true, env: process.env });
    const profile = profiles().find((name) => !before.has(name)) ?? 'none';
    const main = ofAllProcesses('cmdline').find(({ text }) => text.includes(profile) && !text.includes('--type='));
    process.kill(Number(main?.pid), 'SIGKILL');
    await window.closed;
    await expect(window.evaluate('1')).rejects.toThrow('Chromium closed.');
    expect(profiles()).not.toContain(profile);
  });

  it('fails with a sentence when Chromium cannot start', async () => {
    const before = profiles();
    const broken = { ...chromium, executable: '/bin/false' };
    const opening = openAppWindow({ chromium: broken, address: server.newAddress(), headless: true, env: process.env });
    await expect(opening).rejects.toThrow(/Chromium (ended before it had a page|closed)/);
    expect(profiles()).toEqual(before);
  });
});
