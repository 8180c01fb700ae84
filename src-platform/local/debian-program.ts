/**
 * A server for machines that have none: Debian's package, downloaded and unpacked into our own cache, never installed.
 * Nobody needs to be root for that. The unpacked program finds its libraries by LD_LIBRARY_PATH.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { defaultCacheFolder } from './data-folder.ts';

/** Which program, and where Debian has it. */
export interface DebianProgram {
  /** For people: "Redis". */
  readonly title: string;
  /** Names on PATH, the best first; each tells its version when asked. */
  readonly programs: readonly string[];
  readonly packages: readonly string[];
  /** Path of the program in the unpacked packages. */
  readonly path: string;
}

/** A program that runs, or the reason why none can be had: a test that needs one is then reported as not run. */
export type FoundProgram =
  | { readonly found: true; readonly program: string; readonly env: NodeJS.ProcessEnv }
  | { readonly found: false; readonly reason: string };

export interface FindProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Where it is unpacked; default: this user's cache folder. */
  readonly cacheFolder?: string;
  readonly say?: (sentence: string) => void;
  /** May it be downloaded; default: yes. */
  readonly download?: boolean;
}

/** Debian's tools: download, look up, unpack. */
const [APT_GET, APT_CACHE, DPKG_DEB] = ['apt-get', 'apt-cache', 'dpkg-deb'] as const;
/** Part of every Debian; a second copy would not fit the loader of the first. */
const NEVER_UNPACKED =
  /^(libc6|libgcc-s1|gcc-\d+-base|debconf|adduser|lsb-base|init-system-helpers|sysvinit-utils|postgresql-common)$/;
const QUIET = [
  '-q',
  '-o',
  'APT::Sandbox::User=root',
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'Acquire::https::Timeout=20',
];

/** Looks on PATH, then in the cache, then downloads, if it may. */
export async function findDebianProgram(wanted: DebianProgram, options: FindProgramOptions): Promise<FoundProgram> {
  const { env } = options;
  for (const program of wanted.programs) {
    if (runs(program, env)) return { found: true, program, env };
  }
  const cache = options.cacheFolder ?? defaultCacheFolder(env, process.platform);
  const folder = path.join(cache, `${wanted.title.toLowerCase()}-${process.arch}`);
  const ready = unpacked(wanted, folder, env);
  if (ready) return ready;
  if (options.download === false) return missing(`no ${wanted.title} on PATH, and none was unpacked yet`);
  if (process.platform !== 'linux') {
    return missing(`no ${wanted.title} on PATH, and on ${process.platform} none can be unpacked`);
  }
  for (const tool of [APT_GET, APT_CACHE, DPKG_DEB]) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0) {
      return missing(`no ${wanted.title} on PATH, and without ${tool} none can be unpacked`);
    }
  }
  const partial = path.join(cache, `${wanted.title.toLowerCase()}-${randomUUID()}.partial`);
  try {
    mkdirSync(partial, { recursive: true, mode: 0o700 });
    options.say?.(`Downloading a ${wanted.title} for tests (unpacked into the cache, not installed)…`);
    const problem = await unpackInto(wanted, partial, env);
    if (problem !== undefined) return missing(problem);
    if (!unpacked(wanted, partial, env)) return missing(`the unpacked ${wanted.title} does not run on this machine`);
    keepFirst(wanted, partial, folder);
    return unpacked(wanted, folder, env) ?? missing(`the unpacked ${wanted.title} does not run on this machine`);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Another run may have been quicker: then its copy stays. A folder that does not work was left by something else and makes way. */
function keepFirst(wanted: DebianProgram, partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch {
    if (existsSync(path.join(folder, 'root', wanted.path))) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  }
}

/** Downloads and unpacks; answers what went wrong. Where the machine has no package lists, they are fetched into our folder. */
async function unpackInto(
  { title, packages }: DebianProgram,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const own = [
    ...QUIET,
    '-o',
    `Dir::State::lists=${path.join(folder, 'lists')}`,
    '-o',
    `Dir::Cache=${path.join(folder, 'cache')}`,
  ];
  let settings: readonly string[] = QUIET;
  if (!(await run(APT_GET, [...settings, 'download', ...packages], folder, env))) {
    mkdirSync(path.join(folder, 'lists', 'partial'), { recursive: true });
    mkdirSync(path.join(folder, 'cache', 'archives', 'partial'), { recursive: true });
    settings = own;
    if (!(await run(APT_GET, [...settings, 'update'], folder, env))) {
      return `no ${title} on PATH, and Debian's package lists can't be fetched`;
    }
    if (!(await run(APT_GET, [...settings, 'download', ...packages], folder, env))) {
      return `no ${title} on PATH, and Debian's ${packages[0] ?? title} can't be downloaded`;
    }
  }
  // Of alternatives some may not exist; whether enough came shows when the program is run.
  for (const library of dependencies(packages, settings, env)) {
    await run(APT_GET, [...settings, 'download', library], folder, env);
  }
  for (const archive of globSync('*.deb', { cwd: folder })) {
    if (!(await run(DPKG_DEB, ['-x', archive, 'root'], folder, env))) return `${archive} can't be unpacked`;
  }
  for (const name of readdirSync(folder)) if (name !== 'root') rmSync(path.join(folder, name), { recursive: true });
  return undefined;
}

function dependencies(packages: readonly string[], settings: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const listed = spawnSync(APT_CACHE, [...settings, 'depends', '--important', ...packages], {
    env,
    encoding: 'utf8',
  });
  const names = [...listed.stdout.matchAll(/^[ |]*(?:Pre)?Depends: ([a-z0-9][a-z0-9.+-]+)$/gm)].map(
    ([, name = '']) => name,
  );
  return [...new Set(names)].filter((name) => !NEVER_UNPACKED.test(name) && !packages.includes(name));
}

function unpacked(wanted: DebianProgram, folder: string, env: NodeJS.ProcessEnv): FoundProgram | undefined {
  const program = path.join(folder, 'root', wanted.path);
  if (!existsSync(program)) return undefined;
  const libraries = globSync('root/{usr/,}lib/*-linux-gnu*', { cwd: folder }).map((found) => path.join(folder, found));
  const withLibraries = { ...env, LD_LIBRARY_PATH: [...libraries, env['LD_LIBRARY_PATH']].filter(Boolean).join(':') };
  return runs(program, withLibraries) ? { found: true, program, env: withLibraries } : undefined;
}

function runs(program: string, env: NodeJS.ProcessEnv): boolean {
  return spawnSync(program, ['--version'], { env, stdio: 'ignore' }).status === 0;
}

async function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(command, args, { cwd, env: { ...env, LC_ALL: 'C' }, stdio: 'ignore' });
  child.once('error', () => resolve(false));
  child.once('exit', (code) => resolve(code === 0));
  return promise;
}

const missing = (reason: string): FoundProgram => ({ found: false, reason });
