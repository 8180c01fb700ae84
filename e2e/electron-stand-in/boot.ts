/** Runs a main bundle as Electron would: `ready` comes only after the whole module has been evaluated. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, becomeReady } from './electron.ts';

const args = process.argv.slice(2);
if (args.includes('--no-sandbox')) {
  process.stderr.write('Electron stand-in: refused, --no-sandbox. With Playwright: chromiumSandbox: true.\n');
  process.exit(1);
}
const main = args.find((arg) => !arg.startsWith('-'));
if (main === undefined) {
  process.stderr.write('usage: electron [switches] main.js [-- arguments]\n');
  process.exit(64);
}
// Like Electron: the program, then everything it was given.
process.argv = [process.execPath, ...args];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());

await import(pathToFileURL(path.resolve(main)).href);
becomeReady();
