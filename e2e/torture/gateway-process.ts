import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { startChild, type Child } from '../../src-platform/process/child.ts';

/** A gateway as a process, with one address for its whole life of many lives. */
export interface GatewayProcess {
  readonly address: string;
  /** kill -9. */
  kill(): Promise<void>;
  /** After a kill or a stop. */
  start(): Promise<void>;
  /** Lets open calls end, brings everything into the ledger, gives the grants back. */
  stop(): Promise<void>;
}

export interface GatewayProcessOptions {
  readonly name: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly credentialKey: Buffer;
  /** Gets what it logs, all its lives in one file. */
  readonly logFile: string;
}

const MAIN = path.resolve(import.meta.dirname, '../../src-platform/gateway/main.ts');

/** As whoever runs it in earnest starts it again when it ends: on a busy machine the database may not answer in time. */
const STARTS = 5;

export async function startGateway(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const startOnce = (): Promise<Child> =>
    startChild({
      name: options.name,
      command: process.execPath,
      args: [MAIN],
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 40_000,
      ready: /^\{"ready":true/,
      onLine: (line) => appendFileSync(options.logFile, `${line}\n`),
      env: {
        ...process.env,
        TENANTDESK_DATABASE_URL: options.databaseUrl,
        TENANTDESK_REDIS_URL: options.redisUrl,
        TENANTDESK_GATEWAY_NAME: options.name,
        TENANTDESK_GATEWAY_PORT: String(options.port),
        TENANTDESK_GATEWAY_DATA: options.dataFolder,
        TENANTDESK_CREDENTIAL_KEY: options.credentialKey.toString('base64'),
      },
    });
  const start = async (): Promise<Child> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await startOnce();
      } catch (error) {
        if (tries === STARTS) throw error;
        appendFileSync(options.logFile, `${String(error)}\n`);
      }
    }
  };
  let child = await start();
  return {
    address: `http://127.0.0.1:${options.port}`,
    kill: () => child.kill(),
    start: async () => {
      child = await start();
    },
    stop: () => child.stop(),
  };
}
