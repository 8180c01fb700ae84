/**
 * The way in for every npm script: `node src-main/launch/launch.mjs <command> [options]`.
 *
 * A fresh clone has neither packages nor the right Node, so this file and the two beside it use `node:` modules only and
 * run on Node 20.19 and later. In order: install what the lock file names, when it is not there; go on under the Node of
 * node_modules (the machine's may be too old); hand over to the TypeScript entry of the command in the same process.
 * There is no `prestart`: npm skips it where the user's configuration says `ignore-scripts`.
 *
 * Everything said here goes to standard error: standard output belongs to the command.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureInstalled, SetupError } from './install.mjs';

const WANTED_NODE_MAJOR = 24;

const ENTRIES = {
  start: 'src-main/launch/start.ts',
  platform: 'src-platform/local/platform.ts',
  migrate: 'src-platform/schema/migrate-main.ts',
  prices: 'src-platform/prices/prices-main.ts',
  providers: 'src-platform/administration/providers-main.ts',
  operators: 'src-platform/administration/operators-main.ts',
  gateways: 'src-platform/administration/gateways-main.ts',
  gateway: 'src-platform/gateway/main.ts',
  bench: 'e2e/bench/bench.ts',
  'isolation-check': 'src-main/launch/isolation-check.ts',
  torture: 'e2e/torture/torture.ts',
  package: 'src-main/packaging/package-main.ts',
  test: '.ci/test.mjs',
};

const projectFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const parentAtStart = process.ppid;
const [command = '', ...args] = process.argv.slice(2);

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** True when this process runs on the Node line that the project is written for. */
function runsOnWantedNode() {
  return Number(process.versions.node.split('.')[0]) === WANTED_NODE_MAJOR;
}

/** Runs this file again under Node 24, passes signals on and resolves to the exit code to end with. */
async function runUnderWantedNode(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), command, ...args], {
    stdio: 'inherit',
    env: { ...process.env, TENANTDESK_LAUNCHED: '1' },
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  // A killed npm sends no signal: notice the change of parent.
  const orphaned = setInterval(() => process.ppid !== parentAtStart && child.kill('SIGTERM'), 300);
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (exitCode, signal) => resolve(signal ? 1 : (exitCode ?? 1)));
  });
  clearInterval(orphaned);
  return code;
}

async function main() {
  const entry = Object.hasOwn(ENTRIES, command) ? path.join(projectFolder, ENTRIES[command]) : undefined;
  if (!entry) throw new SetupError(`Unknown command "${command}". There are: ${Object.keys(ENTRIES).join(', ')}.`);
  await ensureInstalled({ projectFolder, wantedNodeMajor: WANTED_NODE_MAJOR, say });
  if (process.ppid !== parentAtStart) return 1;
  if (!runsOnWantedNode()) {
    if (process.env.TENANTDESK_LAUNCHED) {
      throw new SetupError(`The packages hold Node ${process.versions.node} instead of Node ${WANTED_NODE_MAJOR}.`);
    }
    const binary = process.platform === 'win32' ? 'node.exe' : 'node';
    return runUnderWantedNode(path.join(projectFolder, 'node_modules', 'node', 'bin', binary));
  }
  if (!existsSync(entry)) {
    throw new SetupError(`${ENTRIES[command]} is missing: this copy of TenantDesk is incomplete.`);
  }
  delete process.env.TENANTDESK_LAUNCHED;
  process.argv = [process.argv[0], entry, ...args];
  await import(pathToFileURL(entry).href);
  return undefined;
}

try {
  const code = await main();
  if (code !== undefined) process.exit(code);
} catch (error) {
  say(error instanceof SetupError ? `tenantdesk: ${error.message}` : String(error?.stack ?? error));
  process.exit(1);
}
