import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchElectron, mayFetchElectron, type FetchElectronPorts } from './fetch-electron.ts';

let project: string;
let said: string[];
let asked: string[];
let installs: number;
let program: string | undefined;
let now: number;

beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-fetch-'));
  mkdirSync(path.join(project, 'node_modules/electron'), { recursive: true });
  version('45.4.1');
  [said, asked, installs, program, now] = [[], [], 0, undefined, Date.UTC(2026, 10, 20)];
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function version(text: string): void {
  writeFileSync(path.join(project, 'node_modules/electron/package.json'), JSON.stringify({ version: text }));
}

async function arrives(): Promise<void> {
  program = '/there/electron';
}

/** Until it is told to stop. */
function hangs(signal: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
}

function start(
  install: FetchElectronPorts['install'] = arrives,
  given: { env?: NodeJS.ProcessEnv; reachable?: boolean; limitMs?: number; signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const { env = {}, reachable = true, limitMs, signal = new AbortController().signal } = given;
  return fetchElectron({
    projectFolder: project,
    env,
    say: (line) => said.push(line),
    signal,
    ...(limitMs === undefined ? {} : { limitMs }),
    ports: {
      find: () => program,
      reachable: async (address) => {
        asked.push(address);
        return reachable;
      },
      install: (stop) => {
        installs += 1;
        return install(stop);
      },
      now: () => now,
    },
  });
}

const fails = async (): Promise<void> => {
  throw new Error('404');
};

describe('fetching Electron', () => {
  it('answers its program, with a word about what takes so long', async () => {
    expect(await start()).toBe('/there/electron');
    expect(said).toEqual([expect.stringContaining('fetching Electron for its window, once')]);
    expect(asked).toEqual(['https://github.com/electron/electron/releases/']);
  });

  it.each<[string, Parameters<typeof start>, RegExp]>([
    ['a place that does not answer', [arrives, { reachable: false }], /\(github\.com does not answer\)/],
    ['a script that fails', [fails], /\(its install script failed\)/],
    ['a script that leaves nothing', [async () => undefined], /\(its install script left no program\)/],
    ['a download that does not end', [hangs, { limitMs: 20 }], /\(it was not here after 0\.02 s\)/],
  ])('goes on without after %s, and does not try again for a day', async (_name, call, words) => {
    expect(await start(...call)).toBeUndefined();
    expect(said.at(-1)).toMatch(words);
    expect(said.at(-1)).toContain('opens in a browser window instead');
    const [sentences, tries] = [said.length, asked.length];
    now += 23 * 3_600_000;
    expect(await start()).toBeUndefined();
    expect([said.length, asked.length]).toEqual([sentences, tries]);
    now += 3_600_000;
    expect(await start()).toBe('/there/electron');
  });

  it('tries at once for another version of Electron', async () => {
    await start(fails);
    version('46.0.0');
    expect(await start()).toBe('/there/electron');
  });

  it('asks the mirror that the user names, and nobody behind a proxy', async () => {
    await start(arrives, { env: { npm_config_electron_mirror: 'https://mirror.example/electron/' } });
    await start(arrives, { env: { HTTPS_PROXY: 'http://proxy:3128' }, reachable: false });
    expect(asked).toEqual(['https://mirror.example/electron/']);
    expect(installs).toBe(2);
  });

  it('is done by one start at a time', async () => {
    const stop = new AbortController();
    const first = start(hangs, { signal: stop.signal });
    expect(await start()).toBeUndefined();
    expect(said.join('\n')).toContain('another start is fetching Electron');
    stop.abort();
    expect(await first).toBeUndefined();
    expect(await start(), 'a start given up is no failure').toBe('/there/electron');
  });

  it('is left alone where the packages are not', async () => {
    rmSync(path.join(project, 'node_modules'), { recursive: true });
    expect(await start()).toBeUndefined();
    expect(installs).toBe(0);
  });
});

describe('Electron may be fetched', () => {
  const window = { open: true, smoke: false };
  const display = { DISPLAY: ':0' };

  it('for a window that somebody sees', () => {
    expect(mayFetchElectron(window, display)).toBe(true);
  });

  it.each<[string, { open: boolean; smoke: boolean }, NodeJS.ProcessEnv]>([
    ['nobody wants a window', { open: false, smoke: false }, display],
    ['the smoke test', { open: true, smoke: true }, display],
    ['a build server', window, { ...display, CI: 'true' }],
    ['the user said no', window, { ...display, ELECTRON_SKIP_BINARY_DOWNLOAD: '1' }],
    ['the user has one elsewhere', window, { ...display, ELECTRON_OVERRIDE_DIST_PATH: '/opt/electron' }],
    ['there is no display', window, {}],
  ])('not when: %s', (name, options, env) => {
    if (name === 'there is no display' && process.platform !== 'linux') return;
    expect(mayFetchElectron(options, env)).toBe(false);
  });
});
