/**
 * Electron's program is not in the package registry: its own install script downloads it from elsewhere. `npm start` has that done
 * once where somebody will see the window, and never fails for it:
 *
 *   the place doesn't answer, the download fails or takes too long ──▶ a sentence, the browser shell, and no further try for a day
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { runToEnd } from '../../src-platform/process/child.ts';
import { hasDisplay } from './display.ts';
import type { StartOptions } from './start-options.ts';

/** What the fetching needs of the world; tests hand in their own. */
export interface FetchElectronPorts {
  /** Electron's program, when it is there. */
  readonly find: () => string | undefined;
  /** True when something answers at that address. */
  readonly reachable: (address: string, signal: AbortSignal) => Promise<boolean>;
  /** Runs Electron's install script; rejects when it fails. */
  readonly install: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface FetchElectronOptions {
  readonly projectFolder: string;
  readonly env: NodeJS.ProcessEnv;
  /** A line for the user. */
  readonly say: (line: string) => void;
  /** Aborted: the start is given up, and so is the download. */
  readonly signal: AbortSignal;
  readonly ports: FetchElectronPorts;
  /** Milliseconds for the whole download. Default: two minutes. */
  readonly limitMs?: number;
}

const LIMIT_MS = 120_000;
const PROGRESS_MS = 5_000;
/** A place that takes longer to say anything is blocked, or too far away for a hundred megabytes. */
const REACHABLE_MS = 3_000;
const NEXT_TRY_MS = 24 * 60 * 60_000;
const PLACE = 'https://github.com/electron/electron/releases/';
const NOTE = 'electron-fetch.json';
const LOCK = 'electron-fetch.lock';

const failure = z.object({ version: z.string(), failedAt: z.number() });

/**
 * False where nobody will see a window, where another program looks on (a build server, the tests), and where the user said no:
 * ELECTRON_SKIP_BINARY_DOWNLOAD, as for Electron itself.
 */
export function mayFetchElectron(options: Pick<StartOptions, 'open' | 'smoke'>, env: NodeJS.ProcessEnv): boolean {
  const told = env['ELECTRON_SKIP_BINARY_DOWNLOAD'] || env['ELECTRON_OVERRIDE_DIST_PATH'] || env['CI'];
  return options.open && !options.smoke && hasDisplay(env) && !told;
}

/** Resolves to Electron's program, or to undefined when it can't be had now. Never rejects. */
export async function fetchElectron(options: FetchElectronOptions): Promise<string | undefined> {
  const { projectFolder, env, say, ports } = options;
  const folder = path.join(projectFolder, 'node_modules/.cache/tenantdesk');
  const note = path.join(folder, NOTE);
  const lock = path.join(folder, LOCK);
  const limitMs = options.limitMs ?? LIMIT_MS;
  try {
    const version = electronVersion(projectFolder);
    if (failedLately(note, version, ports.now())) return undefined;
    mkdirSync(folder, { recursive: true });
    if (!takeLock(lock, limitMs, ports.now())) {
      say('TenantDesk: another start is fetching Electron; this one goes on in a browser.');
      return undefined;
    }
    try {
      const problem = await download(options, limitMs, mirrorOf(env));
      if (options.signal.aborted) return undefined;
      if (problem === undefined) return ports.find();
      writeFileSync(note, JSON.stringify({ version, failedAt: ports.now() }));
      say(
        `TenantDesk: Electron can't be fetched (${problem}); the console opens in a browser window instead. ` +
          'The next try is tomorrow, or whenever you run "npx install-electron".',
      );
      return undefined;
    } finally {
      rmSync(lock, { force: true });
    }
  } catch {
    return undefined; // no such folder, or none that can be written: the browser shell needs nothing of it
  }
}

/** The real ones. */
export function electronFetchPorts(
  projectFolder: string,
  env: NodeJS.ProcessEnv,
  find: () => string | undefined,
): FetchElectronPorts {
  return {
    find,
    async reachable(address, signal) {
      try {
        await fetch(address, { method: 'HEAD', redirect: 'manual', signal });
        return true;
      } catch {
        return false;
      }
    },
    async install(signal) {
      const { NODE_OPTIONS: _options, ...rest } = env;
      const { code } = await runToEnd({
        name: 'Electron’s install script',
        command: process.execPath,
        args: [path.join(projectFolder, 'node_modules/electron/install.js')],
        stopSignal: 'SIGTERM',
        env: rest,
        signal,
      });
      if (code !== 0) throw new Error(`Electron’s install script ended with exit code ${code}.`);
    },
    now: () => Date.now(),
  };
}

/** Resolves to what went wrong, in a few words; undefined: it is there. */
async function download(
  { say, signal, ports }: FetchElectronOptions,
  limitMs: number,
  place: string | undefined,
): Promise<string | undefined> {
  if (place !== undefined) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(REACHABLE_MS)]);
    if (!(await ports.reachable(place, patience))) return `${new URL(place).host} does not answer`;
  }
  say('TenantDesk: fetching Electron for its window, once; about 110 MB …');
  const startedAt = ports.now();
  const progress = setInterval(() => {
    const seconds = Math.round((ports.now() - startedAt) / 1_000);
    say(
      `TenantDesk: still fetching Electron, ${seconds} s; after ${limitMs / 1_000} s a browser window does instead …`,
    );
  }, PROGRESS_MS);
  const late = AbortSignal.timeout(limitMs);
  try {
    await ports.install(AbortSignal.any([signal, late]));
  } catch {
    return late.aborted ? `it was not here after ${limitMs / 1_000} s` : 'its install script failed';
  } finally {
    clearInterval(progress);
  }
  return ports.find() === undefined ? 'its install script left no program' : undefined;
}

/** Where to look first. Undefined behind a proxy, which only the install script knows how to use. */
function mirrorOf(env: NodeJS.ProcessEnv): string | undefined {
  const lower = Object.fromEntries(Object.entries(env).map(([name, value]) => [name.toLowerCase(), value]));
  if (lower['https_proxy'] || lower['all_proxy'] || lower['global_agent_https_proxy']) return undefined;
  const mirror = lower['electron_mirror'] || lower['npm_config_electron_mirror'];
  return mirror && URL.canParse(mirror) ? mirror : PLACE;
}

function electronVersion(projectFolder: string): string {
  const manifest = readFileSync(path.join(projectFolder, 'node_modules/electron/package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

function failedLately(note: string, version: string, now: number): boolean {
  try {
    const last = failure.parse(JSON.parse(readFileSync(note, 'utf8')));
    return last.version === version && last.failedAt <= now && now - last.failedAt < NEXT_TRY_MS;
  } catch {
    return false; // none yet, or none that can be read
  }
}

/** Two at once would unpack into one folder. A lock older than any download is a dead one. */
function takeLock(lock: string, limitMs: number, now: number): boolean {
  try {
    const heldSince = Number(readFileSync(lock, 'utf8'));
    if (now - heldSince < 2 * limitMs && heldSince <= now) return false;
    rmSync(lock, { force: true });
  } catch {
    // nobody holds it
  }
  try {
    writeFileSync(lock, String(now), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}
