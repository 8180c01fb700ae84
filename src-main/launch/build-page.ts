/**
 * Builds the page, or all of the Electron shell, when there is no build of exactly these sources. Each build lies in a folder that is named by what it
 * was made from and appears under that name only when it is complete (renamed into place), so a cut-off build, two starts
 * at once, or a start while another console runs never mix.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { runToEnd } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';

const PAGE_SOURCES = [
  'src-renderer',
  'src-main/contract',
  'src-main/app/page-list.ts',
  'electron.vite.config.ts',
  'package-lock.json',
];
const PAGE: Build = { what: 'page', folder: 'out/pages', sources: PAGE_SOURCES, kept: 'renderer' };
const ELECTRON: Build = {
  what: 'window',
  folder: 'out/electron',
  sources: [...PAGE_SOURCES, 'src-main', 'src-platform/process'],
  kept: '.',
};
const KEPT_BUILDS = 3;
const PARTIAL = 'partial-';

export interface BuildPageOptions {
  readonly projectFolder: string;
  /** Hears a sentence when the page has to be built. */
  readonly say: (line: string) => void;
  /** Aborted: the build is stopped and leaves nothing. */
  readonly signal?: AbortSignal;
}

interface Build {
  /** For the user. */
  readonly what: string;
  /** Where builds of this kind lie, one folder a state of the sources. */
  readonly folder: string;
  readonly sources: readonly string[];
  /** The part of the build that is kept. */
  readonly kept: string;
}

/** Resolves to the folder that holds the built page. */
export function buildPage(options: BuildPageOptions): Promise<string> {
  return build(PAGE, options);
}

/** Resolves to the folder that holds `main/index.js`, `preload/index.cjs` and the page in `renderer`. */
export function buildElectron(options: BuildPageOptions): Promise<string> {
  return build(ELECTRON, options);
}

async function build(kind: Build, { projectFolder, say, signal }: BuildPageOptions): Promise<string> {
  const builds = path.join(projectFolder, kind.folder);
  const folder = path.join(builds, hashSources(projectFolder, kind.sources));
  const page = path.join(folder, path.relative(kind.kept, 'renderer'), 'index.html');
  if (existsSync(page)) return folder;
  say(`TenantDesk: building the ${kind.what} …`);
  mkdirSync(builds, { recursive: true });
  removeLeftovers(builds, PARTIAL);
  const partial = mkdtempSync(path.join(builds, ownName(PARTIAL)));
  try {
    await runBuild(kind, projectFolder, partial, signal);
    renameUnlessThere(path.join(partial, kind.kept), folder, page);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  removeOldBuilds(builds, folder);
  return folder;
}

async function runBuild(
  kind: Build,
  projectFolder: string,
  outFolder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const lastLines: string[] = [];
  const { code } = await runToEnd({
    name: `The build of the ${kind.what}`,
    command: process.execPath,
    args: [
      path.join(projectFolder, 'node_modules/electron-vite/bin/electron-vite.js'),
      'build',
      '--outDir',
      outFolder,
      '--logLevel',
      'warn',
    ],
    stopSignal: 'SIGTERM',
    cwd: projectFolder,
    signal,
    env: { ...process.env, NODE_ENV: 'production', TENANTDESK_BUILD: kind.what },
    onLine: (line) => lastLines.push(line),
  });
  if (code !== 0 || !existsSync(path.join(outFolder, 'renderer', 'index.html'))) {
    throw new Error(`The ${kind.what} could not be built:\n${lastLines.slice(-20).join('\n')}`);
  }
}

function renameUnlessThere(from: string, to: string, page: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another start was faster: it built the same sources.
    if (!existsSync(page)) throw error;
  }
}

/** 24 hex digits over names and contents of everything that the page is made from; tests are no part of it. */
function hashSources(projectFolder: string, sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const start = path.join(projectFolder, source);
    const files = statSync(start).isFile() ? [start] : listFiles(start);
    for (const file of files.sort()) {
      hash.update(`${path.relative(projectFolder, file)}\0${statSync(file).size}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 24);
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Keeps the newest few: another console may be about to read its own. */
function removeOldBuilds(builds: string, current: string): void {
  const others = readdirSync(builds)
    .filter((name) => !name.startsWith(PARTIAL))
    .map((name) => path.join(builds, name))
    .filter((folder) => folder !== current)
    .map((folder) => ({ folder, madeAt: statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.madeAt - a.madeAt);
  for (const { folder } of others.slice(KEPT_BUILDS - 1)) rmSync(folder, { recursive: true, force: true });
}
