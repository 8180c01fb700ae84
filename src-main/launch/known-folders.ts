import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ReportFolder } from '../contract/reports.ts';

const USUAL = [
  ['downloads', 'DOWNLOAD', 'Downloads'],
  ['documents', 'DOCUMENTS', 'Documents'],
  ['desktop', 'DESKTOP', 'Desktop'],
] as const;

/**
 * Folders of this user that exports may go to, the one for downloads first (their home when they have none); before it the one that
 * was named on the command line.
 */
export function knownFolders(
  env: NodeJS.ProcessEnv,
  exports: string | undefined,
  home = os.homedir(),
): [ReportFolder, ...ReportFolder[]] {
  const named = readNames(env, home);
  const found = USUAL.flatMap(([id, key, name]): ReportFolder[] => {
    const there = path.join(home, name);
    const folder = named(key) ?? (existsSync(there) ? there : undefined);
    return folder === undefined ? [] : [{ id, path: folder }];
  });
  const others = found.filter(({ id }) => id !== 'downloads');
  const downloads = found.find(({ id }) => id === 'downloads') ?? { id: 'downloads', path: home };
  return exports === undefined ? [downloads, ...others] : [{ id: 'exports', path: exports }, downloads, ...others];
}

/** https://www.freedesktop.org/wiki/Software/xdg-user-dirs/: XDG_DOWNLOAD_DIR="$HOME/…" or an absolute path. */
function readNames(env: NodeJS.ProcessEnv, home: string): (key: string) => string | undefined {
  const config = env['XDG_CONFIG_HOME'];
  const folder = config !== undefined && path.isAbsolute(config) ? config : path.join(home, '.config');
  let text = '';
  try {
    text = readFileSync(path.join(folder, 'user-dirs.dirs'), 'utf8');
  } catch {
    // No desktop of that kind: the usual names.
  }
  return (key) => {
    const named = new RegExp(`^XDG_${key}_DIR="(\\$HOME)?(/[^"]*)"$`, 'm').exec(text);
    return named ? path.join(named[1] === undefined ? '/' : home, named[2] ?? '') : undefined;
  };
}
