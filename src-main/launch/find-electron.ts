import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { hasDisplay } from './display.ts';
import type { StartOptions } from './start-options.ts';

/**
 * Electron's program, when it was downloaded (`npx install-electron`): the package itself has none. Its own module would
 * download a missing one by itself, so it is not asked. ELECTRON_OVERRIDE_DIST_PATH names another folder, as it does for that
 * module.
 */
export function findElectron(projectFolder: string, env: NodeJS.ProcessEnv): string | undefined {
  const folder = path.join(projectFolder, 'node_modules/electron');
  const dist = env['ELECTRON_OVERRIDE_DIST_PATH'];
  try {
    const program = dist ? path.join(dist, 'electron') : path.join(folder, 'dist', readName(folder));
    accessSync(program, constants.X_OK);
    return program;
  } catch {
    return undefined;
  }
}

/** The download writes the program's name here last. */
const readName = (folder: string): string => readFileSync(path.join(folder, 'path.txt'), 'utf8').trim();

/** Electron is for a window that somebody sees; an address to open, or no display, is the browser shell's business. */
export function chooseElectron(choice: {
  readonly options: Pick<StartOptions, 'open'>;
  readonly env: NodeJS.ProcessEnv;
  readonly program: string | undefined;
}): string | undefined {
  return choice.options.open && hasDisplay(choice.env) ? choice.program : undefined;
}
