/** Puts the packages of the lock file into node_modules, once, also when two starts come at the same time. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withSetupLock } from './setup-lock.mjs';

/** Something that cannot be had; the message is a sentence for the user. */
export class SetupError extends Error {
  name = 'SetupError';
}

const STAMP = '.installed-for';
const STEP_SECONDS = 10;

/**
 * Resolves when node_modules fits the lock file of this machine's kind; rejects with SetupError otherwise.
 *
 * The stamp in node_modules is written last and `npm ci` deletes node_modules first, so a cut-off install has none and is
 * done again. An install that somebody made by hand is recognised by npm's own record of it and kept.
 * @param {{ projectFolder: string, wantedNodeMajor: number, say: (line: string) => void }} options
 */
export async function ensureInstalled(options) {
  const lockText = readLock(options.projectFolder);
  const fingerprint = createHash('sha256')
    .update(`${process.platform}\n${process.arch}\n`)
    .update(lockText)
    .digest('hex');
  const stampFile = path.join(options.projectFolder, 'node_modules', STAMP);
  const fits = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint;
  if (fits()) return;
  await withSetupLock(options, async (alsoHeldBy) => {
    if (fits()) return;
    if (!madeByHand(options, JSON.parse(lockText))) await install(options, alsoHeldBy);
    writeStamp(stampFile, fingerprint);
  }).catch((error) => {
    throw asSetupError(error, options.projectFolder);
  });
}

function readLock(projectFolder) {
  try {
    return readFileSync(path.join(projectFolder, 'package-lock.json'), 'utf8');
  } catch (error) {
    throw new SetupError(`package-lock.json cannot be read (${error.code}): this copy of TenantDesk is incomplete.`);
  }
}

/** True when npm's record in node_modules names what the lock file names, and Node 24 is there. */
function madeByHand({ projectFolder, wantedNodeMajor }, lock) {
  try {
    const record = JSON.parse(readFileSync(path.join(projectFolder, 'node_modules', '.package-lock.json'), 'utf8'));
    for (const [name, wanted] of Object.entries(lock.packages)) {
      const found = record.packages[name];
      if (name === '' || (!found && wanted.optional)) continue;
      if (found?.version !== wanted.version || found?.integrity !== wanted.integrity) return false;
    }
    return hasWantedNode(projectFolder, wantedNodeMajor);
  } catch {
    return false;
  }
}

function hasWantedNode(projectFolder, wantedNodeMajor) {
  const binary = path.join(
    projectFolder,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return (stdout ?? '').startsWith(`v${wantedNodeMajor}.`);
}

/** `npm ci`: cut short by a signal it leaves no stamp, and this process ends with the signal's exit code. */
async function install({ projectFolder, wantedNodeMajor, say }, alsoHeldBy) {
  say('TenantDesk: installing its packages, once; this takes about a minute …');
  const { command, args } = npmCommand(projectFolder);
  const child = spawn(
    command,
    [
      ...args,
      'ci',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--ignore-scripts=false',
      '--include=dev',
      '--include=optional',
    ],
    { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'], env: npmEnvironment(projectFolder) },
  );
  if (child.pid !== undefined) alsoHeldBy(child.pid);
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => (words = (words + data).slice(-16_384)));
  }
  // What npm says on standard output is its summary of the packages: nobody asked.
  child.stderr.pipe(process.stderr, { end: false });
  const startedAt = Date.now();
  const progress = setInterval(() => {
    say(`TenantDesk: still installing (${Math.round((Date.now() - startedAt) / 1000)} s) …`);
  }, STEP_SECONDS * 1000);
  let stoppedBy;
  const forward = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  const { code, error } = await new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('close', (code) => resolve({ code }));
  });
  clearInterval(progress);
  for (const signal of signals) process.off(signal, forward);
  if (stoppedBy) throw new SetupError('Stopped while the packages were being installed; the next start does it again.');
  if (error) {
    throw new SetupError(`npm could not be started (${error.code}). Install Node.js together with npm and try again.`);
  }
  if (code !== 0) throw new SetupError(`The packages could not be installed. ${reasonOf(words)}`);
  if (!hasWantedNode(projectFolder, wantedNodeMajor)) {
    throw new SetupError(
      `npm installed the packages without Node ${wantedNodeMajor}: is there no build of it for this machine?`,
    );
  }
  say(`TenantDesk: packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/** The npm that started us, or the one on PATH. */
function npmCommand(projectFolder) {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli) && existsSync(cli)) {
    const own = path.join(projectFolder, 'node_modules') + path.sep;
    const node = [process.env.npm_node_execpath, process.env.NODE, process.execPath].find(
      (file) => file && !file.startsWith(own) && existsSync(file),
    );
    return { command: node ?? process.execPath, args: [cli] };
  }
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

/** Without our own node_modules on PATH (it is about to be deleted) and without settings that leave packages out. */
function npmEnvironment(projectFolder) {
  const own = path.join(projectFolder, 'node_modules');
  const env = { ...process.env };
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.startsWith(own));
  env.PATH = folders.join(path.delimiter);
  delete env.NODE_ENV;
  delete env.NODE_OPTIONS;
  return env;
}

const REASONS = [
  [
    /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ERR_SOCKET_TIMEOUT|network/i,
    'The package registry could not be reached: check the network, or the registry in your npm settings, and start again.',
  ],
  [/ENOSPC/, 'The disk is full: free about 2 GB and start again.'],
  [/EACCES|EPERM|EROFS/, 'The folder of the project, or the npm cache, cannot be written: check who owns them.'],
  [/EINTEGRITY/, 'A package did not match its checksum: run "npm cache clean --force" and start again.'],
  [/EUSAGE|in sync/, 'package.json and package-lock.json do not belong together: restore both from the repository.'],
];

function reasonOf(words) {
  return (
    REASONS.find(([pattern]) => pattern.test(words))?.[1] ??
    'What npm said stands above; start again when it is mended.'
  );
}

function writeStamp(stampFile, fingerprint) {
  writeFileSync(stampFile, fingerprint);
}

function asSetupError(error, projectFolder) {
  if (error instanceof SetupError) return error;
  const reasons = {
    EACCES: `The folder ${projectFolder} cannot be written: its packages have to be installed there. Check who owns it.`,
    EPERM: `The folder ${projectFolder} cannot be written: its packages have to be installed there. Check who owns it.`,
    EROFS: `The folder ${projectFolder} is on a read-only file system: its packages have to be installed there. Copy it elsewhere.`,
    ENOSPC: 'The disk is full: free about 2 GB and start again.',
    EDQUOT: 'Your disk quota is used up: free about 2 GB and start again.',
  };
  const sentence = reasons[error?.code];
  return sentence ? new SetupError(sentence) : error;
}
