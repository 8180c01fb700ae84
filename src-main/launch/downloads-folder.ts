import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** This user's folder for downloads: as their desktop names it on Linux, else "Downloads" in their home, else the home itself. */
export function downloadsFolder(env: NodeJS.ProcessEnv, home = os.homedir()): string {
  const named = xdgDownloads(env, home);
  if (named !== undefined) return named;
  const usual = path.join(home, 'Downloads');
  return existsSync(usual) ? usual : home;
}

/** https://www.freedesktop.org/wiki/Software/xdg-user-dirs/: XDG_DOWNLOAD_DIR="$HOME/…" or an absolute path. */
function xdgDownloads(env: NodeJS.ProcessEnv, home: string): string | undefined {
  const config = env['XDG_CONFIG_HOME'];
  const folder = config !== undefined && path.isAbsolute(config) ? config : path.join(home, '.config');
  let text: string;
  try {
    text = readFileSync(path.join(folder, 'user-dirs.dirs'), 'utf8');
  } catch {
    return undefined;
  }
  const named = /^XDG_DOWNLOAD_DIR="(\$HOME)?(\/[^"]*)"$/m.exec(text);
  return named ? path.join(named[1] === undefined ? '/' : home, named[2] ?? '') : undefined;
}
