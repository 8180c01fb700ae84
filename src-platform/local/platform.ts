// `npm run platform`: the whole platform on this machine. What it does is in `start-local-platform.ts`; this is the command around it.
// Standard output: with --json one line of JSON, else a few lines for people. Everything else goes to standard error.
import path from 'node:path';
import { chooseDataFolder, defaultDataFolder, takeDataFolder, type DataFolder } from './data-folder.ts';
import { PLATFORM_HELP, readPlatformOptions, type PlatformCommand } from './platform-options.ts';
import { startLocalPlatform, type LocalPlatform } from './start-local-platform.ts';

const PARENT_POLL_MS = 300;

const say = (sentence: string): void => {
  process.stderr.write(`${sentence}\n`);
};

/** Aborts on SIGINT, SIGTERM, SIGHUP and when the process that started us has gone (killed npm tells nobody). */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const parent = process.ppid;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort());
  setInterval(() => {
    if (process.ppid !== parent) stopping.abort();
  }, PARENT_POLL_MS).unref();
  return stopping.signal;
}

function chooseFolder(data: string | undefined): DataFolder {
  if (data !== undefined) return takeDataFolder(path.resolve(data));
  const usual = defaultDataFolder(process.env, process.platform);
  const chosen = chooseDataFolder(usual);
  if (chosen.path !== usual) say(`Another local platform is running: this one keeps its data in ${chosen.path}.`);
  return chosen;
}

async function main(command: PlatformCommand, signal: AbortSignal): Promise<void> {
  const begun = performance.now();
  const elsewhere = command.openaiBaseUrl ?? command.anthropicBaseUrl;
  if (command.traffic && command.tenants > 0 && elsewhere !== undefined) {
    say(`The demo's live calls go to ${elsewhere} and may cost money there. Use --no-traffic to keep it quiet.`);
  }
  const platform: LocalPlatform = await startLocalPlatform({
    dataFolder: chooseFolder(command.data),
    tenants: command.tenants,
    traffic: command.traffic,
    trafficRate: command.rate,
    historyRows: command.history,
    openaiBaseUrl: command.openaiBaseUrl,
    anthropicBaseUrl: command.anthropicBaseUrl,
    env: process.env,
    say,
    signal,
  });
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => stopped.resolve(), { once: true });
  if (signal.aborted) stopped.resolve();
  const { description } = platform;
  say(`The local platform is ready after ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  if (command.json) process.stdout.write(`${JSON.stringify(description)}\n`);
  else {
    process.stdout.write(`Gateway  ${description.gateway}\nData     ${description.data}\n`);
    process.stdout.write(
      'Keys, logins and tokens: credentials.json in that folder, or --json. Ctrl-C ends everything.\n',
    );
  }
  await stopped.promise;
  say('Stopping the local platform…');
  await platform.close();
}

const signal = stopSignal();
try {
  const command = readPlatformOptions(process.argv.slice(2));
  if (command.help) process.stdout.write(PLATFORM_HELP);
  else await main(command, signal);
  process.exit(0);
} catch (error) {
  if (signal.aborted) process.exit(0);
  say(`tenantdesk: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
