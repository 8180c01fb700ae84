import { createCipheriv, createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import { startRedis, type RedisServer } from '../../local/redis-server.ts';
import { makePrice } from '../../testing/factories.ts';
import type { TestCluster } from '../../testing/test-cluster.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { createGateway, type Gateway } from '../create-gateway.ts';
import type { LocalClock } from '../gateway-clock.ts';
import { createGatewayLog, type LogLevel } from '../gateway-log.ts';
import type { DrainSettings } from '../gateway-settings.ts';
import { PROVIDER_CREDENTIAL, startScriptedProvider, type ScriptedProvider } from './scripted-provider.ts';

/** Database, Redis and provider for gateways under test. */
export interface TestSite {
  readonly db: TestDatabase;
  readonly redis: RedisServer;
  readonly provider: ScriptedProvider;
  readonly credentialKey: Buffer;
  /** Log lines of all gateways of this site. */
  readonly log: string[];
  /** A gateway in this process; closed with the site. */
  startGateway(change?: {
    dataFolder?: string;
    databaseUrl?: string;
    directUrl?: string;
    name?: string;
    redisUrl?: string;
    clock?: LocalClock;
    metricsToken?: string;
    drain?: DrainSettings;
    logLevel?: LogLevel;
    largestAnswerBytes?: number;
  }): Promise<Gateway>;
  newFolder(): string;
  close(): Promise<void>;
}

/** `cluster`: default, the one that all tests share. */
export async function createTestSite(cluster?: TestCluster): Promise<TestSite> {
  const [db, redis, provider] = await Promise.all([
    createTestDatabase(cluster),
    startRedis(inject('testRedis')),
    startScriptedProvider(),
  ]);
  const credentialKey = randomBytes(32);
  await db.owner.query('insert into platform.providers (id, base_url, credential_ciphertext) values ($1, $2, $3)', [
    'openai',
    provider.baseUrl,
    seal(credentialKey, PROVIDER_CREDENTIAL),
  ]);
  await makePrice(db);
  const gateways: Gateway[] = [];
  const folders: string[] = [];
  const log: string[] = [];
  const newFolder = (): string => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-gateway-'));
    folders.push(folder);
    return folder;
  };
  return {
    db,
    redis,
    provider,
    credentialKey,
    log,
    newFolder,
    startGateway: async (change = {}) => {
      const gateway = await createGateway(
        {
          databaseUrl: change.databaseUrl ?? db.gatewayUrl,
          ...(change.directUrl === undefined ? {} : { directUrl: change.directUrl }),
          redisUrl: change.redisUrl ?? redis.url,
          port: 0,
          host: '127.0.0.1',
          dataFolder: change.dataFolder ?? newFolder(),
          credentialKey: createSecretKey(credentialKey),
          name: change.name ?? 'test',
          ...(change.metricsToken === undefined ? {} : { metricsToken: sha256(change.metricsToken) }),
          ...(change.drain === undefined ? {} : { drain: change.drain }),
          ...(change.largestAnswerBytes === undefined ? {} : { largestAnswerBytes: change.largestAnswerBytes }),
        },
        {
          clock: change.clock ?? { monotonic: () => performance.now() },
          log: createGatewayLog(
            (line) => log.push(line),
            () => new Date(),
            change.logLevel,
          ),
          newId: randomUUID,
        },
      );
      gateways.push(gateway);
      return gateway;
    },
    close: async () => {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await provider.close();
      await redis.child.stop();
      await db.close();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** nonce(12) | ciphertext | tag(16) */
export function seal(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}
