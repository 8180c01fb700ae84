/** `npm start`: the local platform, the console on it, and a window. Everything it starts ends with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { createConsole } from '../app/create-console.ts';
import { systemPorts } from '../app/system-ports.ts';
import { buildPage } from './build-page.ts';
import { createLifetime } from './lifetime.ts';
import { startLocalPlatform } from './local-platform.ts';
import { chooseShell, openBrowserShell, prepareChromium, type ShellOptions } from './open-shell.ts';
import { parseStartOptions, USAGE, UsageError, type StartOptions } from './start-options.ts';

const projectFolder = path.resolve(import.meta.dirname, '../..');
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(shell: ShellOptions): Promise<void> {
  const { options, lifetime } = shell;
  const { signal } = lifetime;
  say('TenantDesk: starting the local platform …');
  const platformStarts = startLocalPlatform({ options, projectFolder, say, signal });
  const preparations = [platformStarts, buildPage({ projectFolder, say, signal }), prepareChromium(shell)] as const;
  lifetime.onClose('local platform', async () => {
    const [platform] = await Promise.allSettled(preparations);
    if (platform.status === 'fulfilled') await platform.value.child.stop();
  });
  const [platform, pageFolder, chromium] = await Promise.all(preparations);
  void platform.child.exited.then(({ code, signal }) =>
    lifetime.end({ exitCode: 1, message: `The local platform ended by itself (${signal ?? `exit code ${code}`}).` }),
  );
  if (signal.aborted) return;
  const console = await createConsole({
    profile: { name: 'Local platform', kind: 'local', colour: 'teal' },
    operator: { ...platform.operator, gatewayUrl: platform.gatewayUrl },
    shell: chooseShell(),
    version: readVersion(),
    ...systemPorts(logWhatIsWrong),
  });
  lifetime.onClose('console', () => console.close());
  await openBrowserShell(shell, console.router, pageFolder, chromium);
}

function readVersion(): string {
  const manifest = readFileSync(path.join(projectFolder, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

/** The terminal of `npm start` shows what is wrong and not what is well. */
function logWhatIsWrong(line: string): void {
  if (!line.includes('"level":"info"')) process.stderr.write(line);
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
  const fail = (error: unknown): void =>
    lifetime.end({ exitCode: 1, message: error instanceof Error ? error.message : String(error) });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
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
