import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PROVIDER_CREDENTIAL, startScriptedProvider } from '../../src-platform/gateway/testing/scripted-provider.ts';
import type { ScriptedProvider } from '../../src-platform/gateway/testing/scripted-provider.ts';
import { startPostgres, type PostgresServer } from '../../src-platform/local/postgres-server.ts';
import { encryptProviderCredential } from '../../src-platform/local/provider-credential.ts';
import { findRealRedis } from '../../src-platform/local/redis-package.ts';
import { startRedis, type RedisServer } from '../../src-platform/local/redis-server.ts';
import type { Random } from '../../src-platform/local/seeded-random.ts';
import { freePort } from '../../src-platform/process/free-port.ts';
import { startFaultProxy, type FaultProxy, type Odds } from '../../src-platform/testing/fault-proxy.ts';
import { makeOperator, makePrice, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { prepareTestCluster } from '../../src-platform/testing/test-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import { startGateway, type GatewayProcess } from './gateway-process.ts';

/** A platform to be hurt: stores and gateways as processes of their own, fault proxies between all parts. */
export interface Site {
  readonly db: TestDatabase;
  readonly provider: ScriptedProvider;
  readonly gateways: readonly GatewayProcess[];
  /** Sees all tenants. */
  readonly operator: MadeOperator;
  /** What the gateways log goes into files here; gone when the site is closed, unless they are to be kept. */
  readonly folder: string;
  /** kill -9, then started again; resolves when it serves. */
  killPostgres(): Promise<void>;
  killRedis(): Promise<void>;
  flushRedis(): Promise<void>;
  /** The lines of all gateways to a store: cut, silent, or as if nothing were between. */
  line(store: 'postgres' | 'redis', mode: 'forward' | 'refuse' | 'silent'): void;
  /** Random faults between all parts; undefined: no more. */
  torment(random: Random | undefined): void;
  /** How often each fault happened so far. */
  faults(): Readonly<Record<string, number>>;
  /** Kills everything. `keepLogs`: leaves the gateways' logs in the folder. */
  close(keepLogs: boolean): Promise<void>;
}

/** A model whose tokens nobody counts: its bound is its bytes and its limit, exactly. Priced like gpt-4o. */
export const MODEL = 'torture-1';

const GATEWAYS = 2;
/** Chances for each piece of bytes, so that something happens every second or so. */
const STORE_ODDS: Odds = { delay: 0.04, slice: 0.03, stall: 0.001, cut: 0.002, hole: 0.0007 };
const ODDS = {
  postgres: STORE_ODDS,
  redis: STORE_ODDS,
  provider: { delay: 0.02, slice: 0.02, stall: 0.0005, cut: 0.001, hole: 0.0003 },
} as const;
type Part = keyof typeof ODDS;

export async function startSite(say: (line: string) => void): Promise<Site> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-torture-'));
  const closers: (() => Promise<void> | void)[] = [];
  async function close(keepLogs: boolean): Promise<void> {
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      // One that can't be closed any more must not keep the others alive.
      await Promise.resolve(closer()).catch((error: unknown) => say(String(error)));
    }
    for (const entry of readdirSync(folder)) {
      if (!(keepLogs && entry.endsWith('.log'))) rmSync(path.join(folder, entry), { recursive: true, force: true });
    }
    if (!keepLogs) rmSync(folder, { recursive: true, force: true });
  }
  try {
    return await compose();
  } catch (error) {
    await close(false);
    throw error;
  }

  async function compose(): Promise<Site> {
    let postgres = await startStore();
    closers.push(() => postgres.child.kill());
    const real = await findRealRedis({ env: process.env, say });
    if (!real.found) say(`With js-redis-server instead of a real Redis: ${real.reason}.`);
    const redisProgram = real.found ? { program: real.program, env: real.env } : {};
    let redis: RedisServer = await startRedis(redisProgram);
    closers.push(() => redis.child.kill());
    const provider = await startScriptedProvider();
    closers.push(() => provider.close());
    const cluster = { superuserUrl: postgres.superuserUrl, password: randomBytes(18).toString('base64url') };
    await prepareTestCluster(cluster);
    const db = await createTestDatabase(cluster);
    closers.push(() => db.close());

    const proxies: { readonly proxy: FaultProxy; readonly to: Part }[] = [];
    const proxied = async (url: string, to: Part): Promise<string> => {
      const proxy = await startFaultProxy(url);
      proxies.push({ proxy, to });
      closers.push(() => proxy.close());
      return proxy.url;
    };
    const credentialKey = randomBytes(32);
    const providerUrl = await proxied(provider.baseUrl, 'provider');
    await db.owner.query(
      `insert into platform.providers (id, base_url, credential_ciphertext) values ('openai', $1, $2)`,
      [providerUrl, encryptProviderCredential(PROVIDER_CREDENTIAL, credentialKey.toString('base64'))],
    );
    await makePrice(db, { model: MODEL });
    const operator = await makeOperator(db, { role: 'operator' });
    const gateways: GatewayProcess[] = [];
    for (let index = 0; index < GATEWAYS; index += 1) {
      const gateway = await startGateway({
        name: `gateway ${index + 1}`,
        port: await freePort(),
        dataFolder: path.join(folder, `gateway-${index + 1}`),
        databaseUrl: await proxied(db.gatewayUrl, 'postgres'),
        redisUrl: await proxied(redis.url, 'redis'),
        credentialKey,
        logFile: path.join(folder, `gateway-${index + 1}.log`),
      });
      closers.push(() => gateway.kill());
      gateways.push(gateway);
    }
    return {
      db,
      provider,
      gateways,
      operator,
      folder,
      killPostgres: async () => {
        await postgres.child.kill();
        postgres = await again(() => startStore(postgres.port));
      },
      killRedis: async () => {
        await redis.child.kill();
        redis = await again(() => startRedis({ ...redisProgram, port: redis.port }));
      },
      flushRedis: () => flush(redis.port),
      line: (store, mode) => {
        for (const { proxy, to } of proxies) if (to === store) proxy.set(mode);
      },
      torment: (random) => {
        for (const { proxy, to } of proxies) proxy.torment(random && { random, odds: ODDS[to] });
      },
      faults: () => {
        const sums: Record<string, number> = {};
        for (const { proxy } of proxies) {
          for (const [fault, count] of Object.entries(proxy.faults)) sums[fault] = (sums[fault] ?? 0) + count;
        }
        return sums;
      },
      close,
    };
  }

  /** Nothing is flushed to the disk, which a kill doesn't need; but every commit is written before it is answered. */
  function startStore(port?: number): Promise<PostgresServer> {
    const settings = { synchronous_commit: 'on' };
    return startPostgres({ dataFolder: path.join(folder, 'postgres'), durable: false, settings, port });
  }
}

const PATIENCE_MS = 20_000;

/** The port or the shared memory of the one that was killed may be taken for a moment. */
async function again<T>(start: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}

async function flush(port: number): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 3 });
  client.on('error', () => undefined);
  await client.flushall();
  client.disconnect();
}
