/** Another user of this machine, next to an open console. Needs root, who alone can become somebody else. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeOperator } from '../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { writePageList } from '../app/page-list.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';
import { openAppWindow, type AppWindow } from './app-window.ts';
import { startBrowserServer, type BrowserServer } from './browser-server.ts';
import { findChromium } from './find-chromium.ts';

const PASSPHRASE = 'seven quiet herons';
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const isRoot = process.getuid?.() === 0 && process.platform === 'linux';

let temporary: string;
let db: TestDatabase;
let made: TestConsole;
let server: BrowserServer;
let window: AppWindow;
let tokenUsed: string;

beforeAll(async () => {
  if (!isRoot) return;
  temporary = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-test-'));
  // Whoever it belongs to: what is below has to be shut by itself.
  chmodSync(temporary, 0o777);
  vi.stubEnv('TMPDIR', temporary);
  db = await createTestDatabase();
  const admin = await makeOperator(db, { role: 'admin' });
  made = await openTestConsole({ ...admin, gatewayUrl: 'http://127.0.0.1:9' });
  await made.client.vault.setUp({ passphrase: PASSPHRASE, keychain: false });
  await made.client.session.watch();
  const page = path.join(temporary, 'page');
  mkdirSync(page);
  writeFileSync(path.join(page, 'index.html'), '<!doctype html><title>signed in</title>');
  writePageList(page, ['index.html']);
  server = await startBrowserServer({
    router: made.console.router,
    pageFolder: page,
    random: randomBytes,
    nowMs: () => performance.now(),
  });
  const address = server.newAddress();
  tokenUsed = address.split('/').at(-1) ?? '';
  window = await openAppWindow({
    chromium: await findChromium({ env: process.env }),
    address,
    headless: true,
    env: process.env,
  });
  // The page that is left may answer a first time, or refuse to.
  await vi.waitFor(async () => expect(await window.evaluate('document.title')).toBe('signed in'), 20_000);
});
afterAll(async () => {
  if (!isRoot) return;
  await window.close();
  await server.close();
  await made.console.close();
  await db.close();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

/** What a script of that user prints. */
function asSomebodyElse(script: string, ...args: readonly string[]): Promise<string> {
  const child = spawn('setpriv', [...NOBODY, 'sh', '-c', script, 'sh', ...args], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (data) => (text += String(data)));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', () => resolve(text));
  });
}

/** Processes of the console: this one, and all that come from it, its window among them. */
function ownProcesses(): string[] {
  const parents = new Map<string, string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(pid, /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
    } catch {
      // It ended meanwhile.
    }
  }
  const ours = (pid: string | undefined): boolean =>
    pid !== undefined && (pid === String(process.pid) || ours(parents.get(pid)));
  return [...parents.keys()].filter(ours);
}

describe.runIf(isRoot)('a second user of the machine', () => {
  it('is really somebody else, who reads what is open to all', async () => {
    expect(await asSomebodyElse('id -u')).toBe('65534\n');
    writeFileSync(path.join(temporary, 'open'), 'to all');
    expect(await asSomebodyElse('cat "$1"', path.join(temporary, 'open'))).toBe('to all');
  });

  it('finds no token, cookie or key in what processes show, and sees neither environment nor memory', async () => {
    const [, windowKey = 'none'] = String(await window.evaluate('location.hash')).split('=');
    const pids = ownProcesses();
    expect(pids.length).toBeGreaterThan(2);
    const shown = await asSomebodyElse(
      'for pid; do cat /proc/$pid/cmdline /proc/$pid/comm /proc/$pid/status; done',
      ...pids,
    );
    expect(shown).toContain('--remote-debugging-pipe');
    expect(windowKey).toMatch(/^[\w-]{43}$/);
    for (const secret of [tokenUsed, windowKey, PASSPHRASE]) expect(shown).not.toContain(secret);
    const shut =
      'for pid; do for file in environ mem maps stack auxv fd/0 cwd/; do head -c 1 /proc/$pid/$file; done; ls /proc/$pid/fd /proc/$pid/cwd/; done';
    expect(await asSomebodyElse(shut, ...pids)).toBe('');
  });

  it('reads and writes no file of the console, its vault, its cache or its window', async () => {
    const places = readdirSync(temporary).filter((name) => !['open', 'page'].includes(name));
    expect(places.some((name) => name.startsWith('tenantdesk-window-'))).toBe(true);
    expect(places.some((name) => name.startsWith('tenantdesk-console-'))).toBe(true);
    const folders = places.map((name) => path.join(temporary, name));
    const reachable =
      'for folder; do find "$folder" -mindepth 1 2>/dev/null; find "$folder" -readable -o -writable; done';
    expect(await asSomebodyElse(reachable, ...folders)).toBe('');
    for (const entry of readdirSync(made.folder, { recursive: true, withFileTypes: true })) {
      const mode = statSync(path.join(entry.parentPath, entry.name)).mode & 0o777;
      expect([entry.name, mode.toString(8)]).toEqual([entry.name, entry.isDirectory() ? '700' : '600']);
    }
  });

  it('is answered nothing by the port, with what can be known', async () => {
    const status = 'curl -s -o /dev/null -w "%{http_code} " "$@"';
    const { origin } = server;
    const name = `tenantdesk-${new URL(origin).port}`;
    const asked = [
      [`${origin}/`],
      [`${origin}/open/${tokenUsed}`],
      ['-H', `Cookie: ${name}=${tokenUsed}`, `${origin}/`],
      ['-H', `Origin: ${origin}`, '-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket', `${origin}/rpc`],
    ];
    for (const args of asked) expect(await asSomebodyElse(status, ...args)).toBe('401 ');
  });
});
