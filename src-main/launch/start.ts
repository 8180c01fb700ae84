/** `npm start`: the local platform, the console on it, and a window. Everything it starts ends with it. */
import path from 'node:path';
import { createChromiumPrinter } from '../browser/chromium-printer.ts';
import { BROWSER_ABILITIES } from '../shell/browser-abilities.ts';
import { findChromium } from '../browser/find-chromium.ts';
import { systemPorts } from '../app/system-ports.ts';
import { buildPage } from './build-page.ts';
import { catchFailures } from './catch-failures.ts';
import { electronFetchPorts, fetchElectron, mayFetchElectron } from './fetch-electron.ts';
import { chooseElectron, findElectron } from './find-electron.ts';
import { createLifetime } from './lifetime.ts';
import { logWhatIsWrong, startLocalConsole } from './local-console.ts';
import { openBrowserShell, prepareChromium, type ShellOptions } from './open-shell.ts';
import { runElectron } from './run-electron.ts';
import { parseStartOptions, USAGE, UsageError, type StartOptions } from './start-options.ts';

const projectFolder = path.resolve(import.meta.dirname, '../..');
const ports = systemPorts(process.execPath, logWhatIsWrong);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(shell: ShellOptions): Promise<void> {
  const { options, lifetime, env } = shell;
  const { signal } = lifetime;
  const find = (): string | undefined => findElectron(projectFolder, env);
  let program = find();
  if (program === undefined && mayFetchElectron(options, env)) {
    program = await fetchElectron({
      projectFolder,
      env,
      say,
      signal,
      ports: electronFetchPorts(projectFolder, env, find),
    });
    if (signal.aborted) return;
  }
  const electron = chooseElectron({ options, env, program });
  if (electron) return await runElectron({ shell, args: process.argv.slice(2), electron, projectFolder });
  const [console, pageFolder, chromium] = await Promise.all([
    startLocalConsole({
      options,
      lifetime,
      say,
      projectFolder,
      ports,
      node: process.execPath,
      shell: 'browser',
      ask: null,
      abilities: BROWSER_ABILITIES,
      printer: createChromiumPrinter({ find: () => findChromium({ env, say }), env }),
    }),
    buildPage({ projectFolder, say, signal }),
    prepareChromium(shell),
  ]);
  if (!signal.aborted) await openBrowserShell(shell, console.router, pageFolder, chromium);
}

async function main(): Promise<number> {
  const options: StartOptions = parseStartOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
  if (options.help) {
    print(USAGE);
    return 0;
  }
  // When npm is gone, so is the reader of what we print.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const lifetime = createLifetime({ process, say });
  const fail = catchFailures({ process, lifetime, secrets: ports.secrets });
  void run({ options, lifetime, clock: () => performance.now(), say, print, env: process.env }).catch(fail);
  const { message } = await lifetime.begun;
  if (message) say(`tenantdesk: ${message}`);
  else if (!options.smoke) say('TenantDesk: closing …');
  return (await lifetime.over).exitCode;
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`tenantdesk: ${error.message}`);
  process.exit(1);
}
