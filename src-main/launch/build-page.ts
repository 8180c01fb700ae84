/**
 * Builds the page when there is no build of exactly these sources. Each build lies in a folder that is named by what it
 * was made from and appears under that name only when it is complete (renamed into place), so a cut-off build, two starts
 * at once, or a start while another console runs never mix.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { runToEnd } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';

const SOURCES = ['src-renderer', 'src-main/contract', 'electron.vite.config.ts', 'package-lock.json'];
const BUILDS = 'out/pages';
const KEPT_BUILDS = 3;
const PARTIAL = 'partial-';

export interface BuildPageOptions {
  readonly projectFolder: string;
  /** Hears a sentence when the page has to be built. */
  readonly say: (line: string) => void;
  /** Aborted: the build is stopped and leaves nothing. */
  readonly signal?: AbortSignal;
}

/** Resolves to the folder that holds the built page. */
export async function buildPage({ projectFolder, say, signal }: BuildPageOptions): Promise<string> {
  const builds = path.join(projectFolder, BUILDS);
  const folder = path.join(builds, hashSources(projectFolder));
  if (existsSync(path.join(folder, 'index.html'))) return folder;
  say('TenantDesk: building the page …');
  mkdirSync(builds, { recursive: true });
  removeLeftovers(builds, PARTIAL);
  const partial = mkdtempSync(path.join(builds, ownName(PARTIAL)));
  try {
    await runBuild(projectFolder, partial, signal);
    renameUnlessThere(path.join(partial, 'renderer'), folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  removeOldBuilds(builds, folder);
  return folder;
}

async function runBuild(projectFolder: string, outFolder: string, signal: AbortSignal | undefined): Promise<void> {
  const lastLines: string[] = [];
  const { code } = await runToEnd({
    name: 'The build of the page',
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
    env: { ...process.env, NODE_ENV: 'production' },
    onLine: (line) => lastLines.push(line),
  });
  if (code !== 0 || !existsSync(path.join(outFolder, 'renderer', 'index.html'))) {
    throw new Error(`The page could not be built:\n${lastLines.slice(-20).join('\n')}`);
  }
}

function renameUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another start was faster: it built the same sources.
    if (!existsSync(path.join(to, 'index.html'))) throw error;
  }
}

/** 24 hex digits over names and contents of everything that the page is made from; tests are no part of it. */
function hashSources(projectFolder: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
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
