import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startChild } from '../../src-platform/process/child.ts';
import { ownName, removeLeftovers } from '../../src-platform/process/leftovers.ts';
import { buildElectron } from './build-page.ts';
import type { ShellOptions } from './open-shell.ts';

export interface RunElectronOptions {
  readonly shell: Pick<ShellOptions, 'lifetime' | 'say' | 'print' | 'env'>;
  /** What came after the command. */
  readonly args: readonly string[];
  /** Electron's program. */
  readonly electron: string;
  readonly projectFolder: string;
}

const PROFILE = 'tenantdesk-window-';
/** It closes the console, then the platform it started (20 s). */
const STOP_TIMEOUT_MS = 30_000;

/**
 * Runs the console in Electron. The program starts the platform itself, with the Node named here, so that no login passes
 * between processes; this process only keeps it alive, and ends with it.
 *
 * Its own arguments stand after `--`, where Chromium reads none of them as a switch. Each start has a profile folder of its
 * own, as in the browser shell: two starts at once don't take each other's lock.
 */
export async function runElectron({ shell, args, electron, projectFolder }: RunElectronOptions): Promise<void> {
  const { lifetime, say, print } = shell;
  const folder = await buildElectron({ projectFolder, say, signal: lifetime.signal });
  removeLeftovers(os.tmpdir(), PROFILE);
  const profile = mkdtempSync(path.join(os.tmpdir(), ownName(PROFILE)));
  lifetime.onClose('profile', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  let explained = false;
  const child = await startChild({
    name: 'Electron',
    command: electron,
    args: [path.join(folder, 'main/index.js'), `--user-data-dir=${profile}`, '--', ...args],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    refusesRoot: true,
    env: electronEnvironment(shell.env, projectFolder),
    signal: lifetime.signal,
    onLine: (line, from) => {
      explained ||= line.startsWith('tenantdesk: ');
      if (from === 'stdout') print(line);
      else if (!isChromiumsOwn(line)) say(line);
    },
  });
  lifetime.onClose('Electron', () => child.stop());
  void child.exited.then(({ code, signal }) => {
    const how = signal ?? `exit code ${code}`;
    const remedy = '"npm start -- --no-open" shows the console in a browser instead.';
    lifetime.end({
      exitCode: code ?? 1,
      ...(code === 0 || explained ? {} : { message: `Electron ended (${how}), see above. ${remedy}` }),
    });
  });
}

/** What main needs to start the platform; without the two variables that would make Electron something else. */
function electronEnvironment(env: NodeJS.ProcessEnv, projectFolder: string): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _asNode, NODE_OPTIONS: _options, ...rest } = env;
  return { ...rest, TENANTDESK_PROJECT: projectFolder, TENANTDESK_NODE: process.execPath };
}

/** `[1234:1120/101500.123456:ERROR:…]`: about D-Bus, the graphics card and the like; of use only when it was the end. */
const isChromiumsOwn = (line: string): boolean => /^\[\d+:\d{4}\/\d{6}[^\]]*:(?!FATAL:)[A-Z]+:/.test(line);
