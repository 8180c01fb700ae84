import { existsSync, mkdirSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { takeFolderLock, type FolderLock } from './folder-lock.ts';

/** A data folder that is ours until `release()`: nobody else's platform uses it. */
export interface DataFolder {
  readonly path: string;
  release(): void;
}

/** The folder is in use by another local platform that is running now. */
export class DataFolderBusyError extends Error {
  override readonly name = 'DataFolderBusyError';
}

const MOST_SIBLINGS = 32;

/** Where this user's data belongs: XDG on Linux, Application Support on macOS, LocalAppData on Windows. */
export function defaultDataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') {
    return path.join(env['LOCALAPPDATA'] ?? path.join(os.homedir(), 'AppData', 'Local'), 'TenantDesk', 'platform');
  }
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Application Support', 'TenantDesk', 'platform');
  return path.join(xdgFolder(env['XDG_DATA_HOME'], '.local', 'share'), 'tenantdesk', 'platform');
}

/** Where this user's disposable downloads belong. */
export function defaultCacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return path.join(defaultDataFolder(env, platform), '..', 'cache');
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'TenantDesk');
  return path.join(xdgFolder(env['XDG_CACHE_HOME'], '.cache'), 'tenantdesk');
}

/** The specification of XDG says: relative paths are to be ignored. */
function xdgFolder(wish: string | undefined, ...fallback: string[]): string {
  return wish !== undefined && path.isAbsolute(wish) ? wish : path.join(os.homedir(), ...fallback);
}

/**
 * Takes exactly this folder (made with mode 0700).
 * @throws DataFolderBusyError when another platform runs on it.
 */
export function takeDataFolder(folder: string): DataFolder {
  const lock = tryLock(folder);
  if (lock.taken) return { path: folder, release: () => lock.release() };
  throw new DataFolderBusyError(
    `Another local platform (process ${lock.ownerPid}) is running on ${folder}. Stop it, or choose another folder with --data.`,
  );
}

/**
 * Takes this folder or, where a platform runs on it already, the first free sibling: `…-2`, `…-3`, …
 * So two starts at once both work, each on data of its own, and a lone start always finds the same data again.
 */
export function chooseDataFolder(folder: string): DataFolder {
  for (let number = 1; number <= MOST_SIBLINGS; number += 1) {
    const candidate = number === 1 ? folder : `${folder}-${number}`;
    const lock = tryLock(candidate);
    if (lock.taken) return { path: candidate, release: () => lock.release() };
  }
  throw new DataFolderBusyError(`${MOST_SIBLINGS} local platforms are running beside ${folder}. Stop some of them.`);
}

function tryLock(folder: string): FolderLock {
  try {
    makeFolder(folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The data folder ${folder} can't be made: ${reason}. Choose another with --data.`, {
      cause: error,
    });
  }
  return takeFolderLock(path.join(folder, 'platform.lock'));
}

/** Makes a folder and its parents. Not `recursive: true`: on /proc and the like that never comes back. */
function makeFolder(folder: string): void {
  const parent = path.dirname(folder);
  if (parent !== folder && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // There already, or made by another start in this moment.
    if (!existsSync(folder) || !statSync(folder).isDirectory()) throw error;
  }
}
