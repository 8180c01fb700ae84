/** Starts the parts of the local platform, each a process of its own that cannot outlive us and is started again when it ends unasked. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ChildStartError, startChild, type Child } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { openPartLog, type PartLog } from './part-log.ts';
import { startPostgres } from './postgres-server.ts';
import { findRealRedis } from './redis-package.ts';
import { startRedis } from './redis-server.ts';
import type { RunningParts } from './running-parts.ts';
import { superviseChild, type SupervisedPart } from './supervised-part.ts';

/** What all parts need of their surroundings. */
export interface PartsHome {
  /** The data folder. */
  readonly folder: string;
  readonly running: RunningParts;
  readonly say: (sentence: string) => void;
  /** Takes what has to be closed; closes in reverse order. */
  readonly stack: AsyncDisposableStack;
  readonly parts: SupervisedPart[];
}

type StartPart = (log: PartLog) => Promise<Child>;

/** In the data folder: the cluster, and the gateway's id and journal, which belong to it. */
export const POSTGRES_FOLDER = 'postgres';
export const GATEWAY_FOLDER = 'gateway';

/** Settings for PostgreSQL on an operator's own machine: durable, and little memory. */
const POSTGRES_SETTINGS = { shared_buffers: '192MB', max_wal_size: '2GB', checkpoint_timeout: '15min', jit: 'off' };

const readyLine = z.object({ ready: z.literal(true), gateway: z.url().optional(), provider: z.url().optional() });

export interface PostgresPart {
  readonly port: number;
  readonly superuserUrl: string;
  /** Ends it, so that its files can be moved; another may be started then. */
  stop(): Promise<void>;
}

/** PostgreSQL on the cluster of the data folder; made when absent. */
export async function startPostgresPart(home: PartsHome): Promise<PostgresPart> {
  const port = await freePort();
  const dataFolder = path.join(home.folder, POSTGRES_FOLDER);
  let superuserUrl = '';
  const part = await supervise(home, 'PostgreSQL', 'postgres', async (log) => {
    const server = await startPostgres({
      dataFolder,
      durable: true,
      port,
      settings: POSTGRES_SETTINGS,
      onLine: log.write,
    });
    superuserUrl = server.superuserUrl;
    return server.child;
  });
  const stop = async (): Promise<void> => {
    await part.stop();
    home.parts.splice(home.parts.indexOf(part), 1);
  };
  return { port, superuserUrl, stop };
}

/** A real one where the machine has one, else the stand-in. Answers its address, with the password that others on this machine don't have. */
export async function startRedisPart(home: PartsHome, password: string, env: NodeJS.ProcessEnv): Promise<string> {
  const port = await freePort();
  const real = await findRealRedis({ env, download: false });
  let url = '';
  await supervise(home, 'Redis', 'redis', async (log) => {
    const server = await startRedis({
      ...(real.found ? real : {}),
      port,
      password: { text: password, configFile: path.join(home.folder, 'redis.conf') },
      onLine: log.write,
    });
    url = server.url;
    return server.child;
  });
  return url;
}

export interface ProviderSettings {
  readonly credential: string;
  readonly priceList: string;
  /** Share of calls that fail by chance; undefined: the provider's own. */
  readonly failureRate: number | undefined;
}

/** The pretend provider. Answers its address without a path. */
export async function startProviderPart(home: PartsHome, settings: ProviderSettings): Promise<string> {
  const port = await freePort();
  const folder = path.join(home.folder, 'provider');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const part = await supervise(home, 'The pretend provider', 'provider', (log) =>
    startScript('The pretend provider', './provider/main.ts', log, {
      TENANTDESK_PROVIDER_PORT: String(port),
      TENANTDESK_PROVIDER_CREDENTIAL: settings.credential,
      TENANTDESK_PROVIDER_PRICES: settings.priceList,
      TENANTDESK_PROVIDER_BILL: path.join(folder, 'bill.jsonl'),
      ...(settings.failureRate === undefined ? {} : { TENANTDESK_PROVIDER_FAILURES: String(settings.failureRate) }),
    }),
  );
  return addressOf(part.child, 'provider');
}

export interface GatewaySettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly credentialKey: string;
}

/** The gateway: its id and journal live in the data folder, so a restart goes on with both. Answers its address. */
export async function startGatewayPart(home: PartsHome, settings: GatewaySettings): Promise<string> {
  const port = await freePort();
  const folder = path.join(home.folder, GATEWAY_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const part = await supervise(home, 'The gateway', 'gateway', (log) =>
    startScript('The gateway', '../gateway/main.ts', log, {
      TENANTDESK_DATABASE_URL: settings.databaseUrl,
      TENANTDESK_REDIS_URL: settings.redisUrl,
      TENANTDESK_GATEWAY_PORT: String(port),
      TENANTDESK_GATEWAY_DATA: folder,
      TENANTDESK_CREDENTIAL_KEY: settings.credentialKey,
      TENANTDESK_GATEWAY_NOTICE_SECONDS: '0',
      TENANTDESK_GATEWAY_DRAIN_SECONDS: '6',
    }),
  );
  return addressOf(part.child, 'gateway');
}

/** The demo's live traffic, by the plan in this file. */
export async function startTrafficPart(home: PartsHome, planFile: string): Promise<void> {
  await supervise(home, 'The demo traffic', 'traffic', (log) =>
    startScript('The demo traffic', './traffic/main.ts', log, { TENANTDESK_TRAFFIC_PLAN: planFile }),
  );
}

async function supervise(home: PartsHome, name: string, logName: string, start: StartPart): Promise<SupervisedPart> {
  const log = openPartLog(path.join(home.folder, 'logs'), logName);
  home.stack.defer(() => log.close());
  const part = await superviseChild({
    name,
    start: () => start(log),
    say: home.say,
    onStarted: (child) => home.running.note(name, child.pid),
  });
  home.stack.defer(() => part.stop());
  home.parts.push(part);
  return part;
}

function startScript(name: string, script: string, log: PartLog, env: NodeJS.ProcessEnv): Promise<Child> {
  return startChild({
    name,
    command: process.execPath,
    args: [fileURLToPath(new URL(script, import.meta.url))],
    stopSignal: 'SIGTERM',
    ready: /^\{"ready":true/,
    env: { ...process.env, ...env },
    onLine: log.write,
  });
}

function addressOf(child: Child, key: 'gateway' | 'provider'): string {
  const line = readyLine.parse(JSON.parse(child.readyLine));
  const address = line[key];
  if (address === undefined) throw new ChildStartError(`${child.name} said it is ready, but not where.`);
  return address;
}
