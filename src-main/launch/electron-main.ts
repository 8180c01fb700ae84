/**
 * The main module of the Electron program: the same start as in a terminal, with Electron's shell instead of the
 * browser's. Its children are run by a real Node, never by this program (`ELECTRON_RUN_AS_NODE` is switched off in what
 * operators install): the launcher names it in TENANTDESK_NODE; without it, the one among the project's packages is taken.
 *
 * Nothing at the top level is awaited: Electron says `ready` only after this module has been evaluated.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createElectronPrinter } from '../electron/electron-printer.ts';
import { createElectronShell, type ElectronShell } from '../electron/electron-shell.ts';
import type { Console } from '../app/create-console.ts';
import { createElectronAbilities } from '../electron/electron-abilities.ts';
import { systemPorts } from '../app/system-ports.ts';
import { isStartByLink } from '../shell/tenant-link.ts';
import { createElectronUpdates, loadElectronUpdater, type ElectronUpdates } from '../electron/updates.ts';
import { catchFailures } from './catch-failures.ts';
import { createLifetime } from './lifetime.ts';
import { logWhatIsWrong, readVersion, startLocalConsole } from './local-console.ts';
import { smoke } from './smoke.ts';
import { parseStartOptions, USAGE, UsageError, type StartOptions } from './start-options.ts';

const built = path.resolve(import.meta.dirname, '..');
const projectFolder = process.env['TENANTDESK_PROJECT'] || path.resolve(built, '..');
const node = process.env['TENANTDESK_NODE'] ?? path.join(projectFolder, 'node_modules/node/bin/node');
const { argv } = process;
const ports = systemPorts(node, logWhatIsWrong);
const { clock, secrets } = ports;
const say = (line: string): void => void process.stderr.write(`${secrets.redact(line)}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Ours stand after `--`; what stands before is Electron's and Chromium's. */
function readOptions(): StartOptions {
  // Whoever made the link may have put more beside it.
  const own = argv.includes('--') && !isStartByLink(argv) ? argv.slice(argv.indexOf('--') + 1) : [];
  return parseStartOptions(own, process.env['INIT_CWD'] ?? process.cwd());
}

function start(options: StartOptions): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const lifetime = createLifetime({ process, say });
  const console = Promise.withResolvers<Console>();
  const shell = createElectronShell({
    pageFolder: path.join(built, 'renderer'),
    preload: path.join(built, 'preload/index.cjs'),
    icons: path.join(projectFolder, 'resources/icons'),
    console: console.promise,
    visible: !options.open || options.smoke ? 'never' : argv.includes('--hidden') ? 'hidden' : 'shown',
    argv,
    clock,
    externalLinks: [],
    random: randomBytes,
    onError: (error) => say(`tenantdesk: ${error instanceof Error ? error.message : String(error)}`),
    onQuit: (message) => lifetime.end(message === undefined ? { exitCode: 0 } : { exitCode: 1, message }),
  });
  if (!shell) {
    say('TenantDesk runs already; its window was brought to the front.');
    process.exit(0);
  }
  const fail = catchFailures({ process, lifetime, secrets });
  // Before anything that can fail: whoever waits is told of it.
  const known: { updates?: ElectronUpdates } = {};
  void endWith(shell, lifetime, known, options.smoke);
  const updates = createElectronUpdates({
    isPackaged: shell.isPackaged,
    version: readVersion(projectFolder),
    resources: process.resourcesPath,
    clock,
    load: loadElectronUpdater,
    end: () => lifetime.end({ exitCode: 0 }),
  });
  known.updates = updates;
  shell.opened.catch(fail);
  startLocalConsole({
    options,
    lifetime,
    say,
    projectFolder,
    ports,
    node,
    shell: 'electron',
    ask: (startAt) => shell.askForFolder(startAt),
    installedIn: shell.installedIn,
    printer: createElectronPrinter(),
    abilities: shell.ready.then(() => createElectronAbilities(process.env, updates)),
  })
    .then(console.resolve)
    .catch(fail);
  if (options.smoke) {
    smoke({ window: shell, shell: 'electron', lifetime, clock: () => performance.now(), print }).catch(fail);
  }
}

async function endWith(
  shell: ElectronShell,
  lifetime: ReturnType<typeof createLifetime>,
  known: { readonly updates?: ElectronUpdates },
  quiet: boolean,
): Promise<void> {
  const { message } = await lifetime.begun;
  if (message) say(`tenantdesk: ${message}`);
  const { exitCode } = await lifetime.over;
  if (message && !quiet) shell.showError(message);
  const trouble = exitCode === 0 ? await known.updates?.installAtEnd(() => shell.makeWay()) : undefined;
  if (trouble !== undefined) {
    say(`tenantdesk: ${trouble}`);
    shell.showError(secrets.redact(trouble));
  }
  shell.exit(exitCode);
}

try {
  const options = readOptions();
  if (options.help) {
    print(USAGE);
    process.exit(0);
  }
  start(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`tenantdesk: ${error.message}`);
  process.exit(1);
}
