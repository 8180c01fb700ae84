/** The stand-in itself: what passes on it must be worth something, so it refuses what real Electron, or this project, would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test as base } from '@playwright/test';
import { contentSecurityPolicy } from '../src-main/app/page-policy.ts';

const standIn = path.resolve(import.meta.dirname, 'electron-stand-in/electron');

/** Runs a main module; resolves to its exit code and its last words. */
const test = base.extend<{
  run: (main: string, ...switches: string[]) => Promise<{ code: number | null; words: string }>;
}>({
  run: async ({}, provide) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-stand-in-'));
    writeFileSync(path.join(folder, 'preload.cjs'), '');
    await provide(async (main, ...switches) => {
      const file = path.join(folder, 'main.mjs');
      writeFileSync(file, `import * as electron from 'electron';\n${PRELUDE(folder)}\n${main}`);
      const program = spawn(standIn, [...switches, file]);
      let words = '';
      program.stderr.on('data', (data) => (words += String(data)));
      const [code] = (await once(program, 'close')) as [number | null];
      return { code, words };
    });
    rmSync(folder, { recursive: true, force: true });
  },
});

/** A main that does everything right, in pieces that a case can leave out or replace. */
const PRELUDE = (folder: string): string => `
  const { app, BrowserWindow, protocol, session, MessageChannelMain } = electron;
  const scheme = { scheme: 'app', privileges: { standard: true, secure: true, corsEnabled: true } };
  const preferences = { contextIsolation: true, sandbox: true, nodeIntegration: false, nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false, webSecurity: true, allowRunningInsecureContent: false, experimentalFeatures: false,
    webviewTag: false, preload: ${JSON.stringify(path.join(folder, 'preload.cjs'))} };
  const before = () => { app.enableSandbox(); protocol.registerSchemesAsPrivileged([scheme]); };
  const guard = () => {
    for (const name of ['PermissionRequest', 'PermissionCheck', 'DevicePermission', 'DisplayMediaRequest'])
      session.defaultSession['set' + name + 'Handler'](() => false);
    protocol.handle('app', () => new Response('<p>page', { headers: { 'content-type': 'text/html',
      'content-security-policy': ${JSON.stringify(contentSecurityPolicy({ nonce: Buffer.alloc(16).toString('base64'), connectTo: "'none'" }))} } }));
  };
  const open = async (changed = {}) => {
    const window = new BrowserWindow({ webPreferences: { ...preferences, ...changed } });
    for (const event of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])
      window.webContents.on(event, (event) => event.preventDefault());
    window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    await window.loadURL('app://console/');
    return window;
  };
  const ready = (then) => app.whenReady().then(then);
`;

const electronOnly = { tag: '@electron' };

test('it runs a main that does everything right', electronOnly, async ({ run }) => {
  const { code, words } = await run(`before(); ready(async () => {
    guard();
    const { webContents } = await open();
    app.exit((await webContents.executeJavaScript('document.body.innerText')) === 'page' ? 42 : 1);
  });`);
  expect([code, words]).toEqual([42, expect.any(String)]);
});

const REFUSED: readonly [name: string, main: string, words: RegExp][] = [
  [
    'Node in the page',
    `before(); ready(() => { guard(); return open({ nodeIntegration: true }) })`,
    /nodeIntegration must be false/,
  ],
  ['no sandbox', `before(); ready(() => { guard(); return open({ sandbox: false }) })`, /sandbox must be true/],
  [
    'one world',
    `before(); ready(() => { guard(); return open({ contextIsolation: false }) })`,
    /contextIsolation must be true/,
  ],
  [
    'guards left to defaults',
    `before(); ready(() => { guard(); return open({ webSecurity: undefined }) })`,
    /webSecurity must be true/,
  ],
  [
    'an option nobody thought about',
    `before(); ready(() => { guard(); return open({ enableBlinkFeatures: 'x' }) })`,
    /enableBlinkFeatures is not declared/,
  ],
  ['a window too early', `before(); open()`, /BrowserWindow before the app is ready/],
  [
    'a window without app.enableSandbox',
    `protocol.registerSchemesAsPrivileged([scheme]); ready(() => { guard(); return open() })`,
    /without app\.enableSandbox/,
  ],
  [
    'a page without guards',
    `before(); ready(open)`,
    /a page without setPermissionRequestHandler, setPermissionCheckHandler/,
  ],
  [
    'a guard that grants',
    `before(); ready(() => { session.defaultSession.setPermissionCheckHandler(() => true) })`,
    /a handler that grants/,
  ],
  [
    'a scheme that is not secure',
    `protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true } }])`,
    /not standard, secure, corsEnabled/,
  ],
  ['a scheme that passes the policy', `scheme.privileges.bypassCSP = true; before()`, /privilege bypassCSP/],
  [
    'a scheme declared too late',
    `ready(() => protocol.registerSchemesAsPrivileged([scheme]))`,
    /after the app is ready/,
  ],
  [
    'a handler too early',
    `before(); protocol.handle('app', () => new Response(''))`,
    /protocol\.handle\(\) before the app is ready/,
  ],
  [
    'a handler of an undeclared scheme',
    `ready(() => protocol.handle('app', () => new Response('')))`,
    /unprivileged scheme app/,
  ],
  ['a session too early', `session.defaultSession`, /before the app is ready/],
  [
    'another address',
    `before(); ready(async () => { guard(); (await open()).loadURL('https://evil.example/') })`,
    /shows app: and nothing else/,
  ],
  ['an unknown member', `app.getName()`, /app\.getName is not declared/],
  ['an unknown event', `app.on('login', () => {})`, /app\.on\('login'\) is not declared/],
  [
    'an unknown export',
    `import { clipboard } from 'electron'; clipboard.readText()`,
    /does not provide an export named 'clipboard'/,
  ],
  ['objects through a port', `new MessageChannelMain().port1.postMessage({})`, /only text passes/],
];

for (const [name, main, words] of REFUSED) {
  test(`it refuses ${name}`, electronOnly, async ({ run }) => {
    const result = await run(main);
    expect(result.words).toMatch(words);
    expect(result.code).not.toBe(0);
  });
}

test('it dead-locks where Electron does: ready awaited at the top level of main', electronOnly, async ({ run }) => {
  const { code, words } = await run('await app.whenReady(); app.exit(0);');
  expect([code, words]).toEqual([13, expect.stringContaining('unsettled top-level await')]);
});

test('it takes no --no-sandbox', electronOnly, async ({ run }) => {
  expect(await run('app.exit(0)', '--no-sandbox')).toEqual({
    code: 1,
    words: expect.stringContaining('refused, --no-sandbox'),
  });
});
