/** What is Electron's own: its window, its port, its end. What the window shows is in the other specs, on both shells. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { buildElectron } from '../src-main/launch/build-page.ts';
import { makeHome, npmStart, processesOf, type Home } from './fixtures/npm-start.ts';
import { expect, test as base } from './fixtures/test.ts';

const electronOnly = { tag: '@electron' };
const projectFolder = path.resolve(import.meta.dirname, '..');
const standIn = path.join(projectFolder, 'e2e/electron-stand-in/electron');

const test = base.extend<{ app: ElectronApplication; shows: () => Promise<void> }>({
  app: async ({ console }, provide) => {
    if (!console.app) throw new Error('This spec is about the Electron shell.');
    await provide(console.app);
  },
  shows: async ({ page }, provide) => {
    await provide(() => expect(page.getByRole('meter').first()).toBeVisible());
  },
});

test('the window sees one function of Electron, and nothing of Node', electronOnly, async ({ page, shows }) => {
  await shows();
  const seen = await page.evaluate(() => {
    const bridge: unknown = Reflect.get(window, 'tenantdesk');
    return {
      bridge: Object.entries(bridge as object).map(([name, value]) => `${name}: ${typeof value}`),
      writable: Reflect.set(bridge as object, 'askForPort', () => undefined),
      ofNode: ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'].filter(
        (name) => name in window,
      ),
    };
  });
  expect(seen).toEqual({ bridge: ['askForPort: function'], writable: false, ofNode: [] });
});

test(
  'there is one port at a time: who asks cuts the line, which mends itself',
  electronOnly,
  async ({ page, shows }) => {
    await shows();
    const closed = await page.evaluate(async () => {
      const handed = new Promise<MessagePort>((resolve) => {
        window.addEventListener('message', ({ ports }) => resolve(ports[0]!), { once: true });
      });
      (Reflect.get(window, 'tenantdesk') as { askForPort(): void }).askForPort();
      const port = await handed;
      return new Promise<string>((resolve) => {
        port.addEventListener('close', () => resolve('closed'));
        port.start();
      });
    });
    expect(closed).toBe('closed');
    await expect(page.getByText('live', { exact: false }).first()).toBeVisible();
    await shows();
  },
);

test('a reloaded window is live again', electronOnly, async ({ page, shows }) => {
  await shows();
  await page.reload();
  await shows();
});

test('the window stays where it is and opens no other', electronOnly, async ({ page, app, shows }) => {
  await shows();
  const before = page.url();
  for (const place of ['https://evil.example/', 'file:///etc/passwd', 'data:text/html,x', 'about:blank#x']) {
    await page.evaluate((url) => {
      if (window.open(url) !== null) throw new Error(`A window was opened for ${url}`);
      const link = Object.assign(document.createElement('a'), { href: url, target: '_blank' });
      document.body.append(link);
      link.click();
      link.remove();
    }, place);
  }
  await page.evaluate(() => location.assign('https://evil.example/'));
  await expect.poll(() => app.windows().length).toBe(1);
  expect(page.url()).toBe(before);
  await shows();
});

test('closing the window ends the program, with nothing left', electronOnly, async ({ page, app, shows }) => {
  await shows();
  const ended = once(app.process(), 'exit');
  await page.close();
  expect(await ended).toEqual([0, null]);
});

test.describe('its own arguments', () => {
  test.use({ role: 'viewer' });

  test('reach it: a viewer cannot raise a cap', electronOnly, async ({ page, board }) => {
    await expect(board.row('Clinic B')).toBeVisible();
    await expect(page.getByText('viewer').first()).toBeVisible();
    const raise = page.getByRole('button', { name: 'Raise cap of Clinic B by 10 %' });
    await expect(raise).toHaveAttribute('aria-disabled', 'true');
  });
});

test('what keeps it from starting is said in a dialog too, and it ends', electronOnly, async () => {
  const built = await buildElectron({ projectFolder, say: () => undefined });
  const program = spawn(standIn, [path.join(built, 'main/index.js'), '--', '--join', '/absent/platform.json'], {
    env: { ...process.env, TENANTDESK_PROJECT: projectFolder },
  });
  let stderr = '';
  program.stderr.on('data', (data) => (stderr += String(data)));
  const [code] = (await once(program, 'close')) as [number | null];
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('dialog: TenantDesk: /absent/platform.json cannot be read'),
  ]);
});

test.describe('npm start', () => {
  test.describe.configure({ timeout: 120_000 });
  const shell = test.extend<{ home: Home }>({
    home: async ({}, provide) => {
      const home = makeHome();
      // A display is only asked whether it is there: the stand-in draws without one.
      Object.assign(home.env, { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: path.dirname(standIn) });
      await provide(home);
      home.remove();
    },
  });

  shell('takes Electron where its program is, and leaves nothing behind', electronOnly, async ({ home }) => {
    const command = npmStart(home, '--smoke', '--history', '2000');
    expect([await command.ended, command.stderr()]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(command.stdout())).toEqual({ smoke: 'ok', shell: 'electron', boardMs: expect.any(Number) });
    await expect.poll(() => processesOf(home), { timeout: 20_000 }).toEqual([]);
  });

  shell('says so when Electron cannot run, and what to do', electronOnly, async ({ home }) => {
    const broken = path.join(home.folder, 'electron');
    writeFileSync(broken, '#!/bin/sh\necho "[7:1120/101500.1:FATAL:sandbox.cc(1)] no sandbox here" >&2\nexit 3', {
      mode: 0o755,
    });
    home.env['ELECTRON_OVERRIDE_DIST_PATH'] = home.folder;
    const command = npmStart(home);
    expect(await command.ended).toBe(3);
    expect(command.stderr()).toContain('no sandbox here');
    expect(command.stderr()).toContain('tenantdesk: Electron ended (exit code 3), see above. "npm start -- --no-open"');
  });

  shell('takes Electron along when it is killed', electronOnly, async ({ home }) => {
    const killed = npmStart(home, '--history', '2000');
    await killed.said(/The local platform is ready/);
    killed.kill('SIGKILL');
    await expect.poll(() => processesOf(home), { timeout: 30_000 }).toEqual([]);
  });
});
