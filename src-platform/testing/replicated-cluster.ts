import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../local/postgres-server.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { databaseUrl, prepareTestCluster, type TestCluster } from './test-cluster.ts';

/** A PostgreSQL with a synchronous standby, behind one address that leads to the first of them. */
export interface ReplicatedCluster {
  readonly cluster: TestCluster;
  /** kill -9 of the first server, the standby is promoted, the address leads there. Resolves when it takes writes. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/** What a commit needs before it is answered: the standby has it. Without that a fail-over forgets grants, and a cap can be passed. */
const SYNCHRONOUS = { synchronous_commit: 'on', synchronous_standby_names: '*' };

export async function startReplicatedCluster(): Promise<ReplicatedCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-replicated-'));
  const [first, second] = [path.join(folder, 'first'), path.join(folder, 'second')];
  const servers: PostgresServer[] = [];
  let proxy: FaultProxy | undefined;
  const start = async (dataFolder: string, settings: Readonly<Record<string, string>> = {}, port?: number) => {
    const server = await startPostgres({ dataFolder, durable: false, settings, port });
    servers.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await proxy?.close();
    await Promise.all(servers.map(({ child }) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // Prepared, stopped, copied: a standby needs no more to begin with.
    const made = await start(first);
    const password = randomBytes(18).toString('base64url');
    await prepareTestCluster({ superuserUrl: made.superuserUrl, password });
    await made.child.stop();
    cpSync(first, second, { recursive: true });
    chmodSync(second, 0o700);
    const primary = await start(first, SYNCHRONOUS, made.port);
    const { username, password: secret } = new URL(primary.superuserUrl);
    writeFileSync(path.join(second, 'standby.signal'), '');
    appendFileSync(
      path.join(second, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${username} password=${secret}'\n`,
    );
    const standby = await start(second);
    const led = await startFaultProxy(primary.superuserUrl);
    proxy = led;
    return {
      cluster: { superuserUrl: led.url, password },
      failOver: async () => {
        led.set('refuse');
        await primary.child.kill();
        await ask(standby, 'select pg_promote(true, 60)');
        led.leadTo(standby.superuserUrl);
        led.set('forward');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ask({ superuserUrl }: PostgresServer, statement: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl(superuserUrl, {}) });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
