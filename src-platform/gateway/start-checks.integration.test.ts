import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { createSecretKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { BadSettings, type GatewaySettings } from './gateway-settings.ts';
import { checkSettings } from './start-checks.ts';
import { seal } from './testing/test-gateway.ts';

let db: TestDatabase;
let folder: string;
/** Redis that wants a password: it says so to whatever it is told. */
let locked: Server;
const key = randomBytes(32);

beforeAll(async () => {
  db = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-start-'));
  locked = createServer((socket) => {
    socket.on('data', () => socket.write('-NOAUTH Authentication required.\r\n'));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    locked.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await new Promise((resolve) => {
    locked?.close(resolve);
  });
  await db?.close();
});

const NOBODY = 'redis://127.0.0.1:1';

async function problems(change: Partial<GatewaySettings>): Promise<string[]> {
  const settings = {
    databaseUrl: db.gatewayUrl,
    redisUrl: NOBODY,
    port: 0,
    host: '127.0.0.1',
    dataFolder: path.join(folder, 'gateway'),
    credentialKey: createSecretKey(key),
    name: 'test',
    ...change,
  };
  try {
    await checkSettings(settings);
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.message.split('\n');
    throw error;
  }
}

function url(base: string, change: Partial<Record<'username' | 'password' | 'pathname' | 'port', string>>): string {
  return Object.assign(new URL(base), change).href;
}

test('what is right passes, also while Redis is away', async () => {
  expect(await problems({})).toEqual([]);
});

test('everything that is wrong is told in one go, by its name and without its secrets', async () => {
  const file = path.join(folder, 'a-file');
  writeFileSync(file, '');
  const { port } = locked.address() as AddressInfo;
  const told = await problems({
    databaseUrl: url(db.gatewayUrl, { password: 'canary-password' }),
    directUrl: url(db.gatewayUrl, { port: '1', password: 'canary-password' }),
    redisUrl: `redis://:canary-password@127.0.0.1:${port}`,
    dataFolder: path.join(file, 'gateway'),
  });
  expect(told).toEqual([
    expect.stringMatching(/^TENANTDESK_GATEWAY_DATA: .*a-file\/gateway can't be written here \(ENOTDIR\)/),
    expect.stringMatching(
      /^TENANTDESK_DATABASE_URL: PostgreSQL at .* does not take the login test_td_gateway or its password/,
    ),
    expect.stringMatching(/^TENANTDESK_DATABASE_DIRECT_URL: nothing answers at .*:1 \(ECONNREFUSED\)/),
    expect.stringMatching(/^TENANTDESK_REDIS_URL: Redis does not take this user or password \(NOAUTH\)/),
  ]);
  expect(told.join('')).not.toContain('canary');
});

test('a database, login or schema that is not for gateways is named with the command that helps', async () => {
  const one = async (databaseUrl: string): Promise<string> => (await problems({ databaseUrl })).join('\n');
  expect(await one(url(db.gatewayUrl, { pathname: '/no_such' }))).toMatch(/there is no database no_such/);
  expect(await one(db.urlFor('td_viewer'))).toMatch(
    /test_td_viewer is not a member of td_gateway: npm run platform:gateways/,
  );
  expect(await one(url(db.superuserUrl, { pathname: '/postgres' }))).toMatch(
    /no schema of TenantDesk yet: npm run platform:migrate/,
  );
  const { rows } = await db.owner.query<{ name: string }>(
    `delete from platform.schema_migrations where name = (select max(name) from platform.schema_migrations) returning name`,
  );
  try {
    expect(await one(db.gatewayUrl)).toMatch(/1 migrations are missing: npm run platform:migrate/);
  } finally {
    await db.owner.query(`insert into platform.schema_migrations (name, checksum) values ($1, 'again')`, [
      rows[0]?.name,
    ]);
  }
});

test('a key that opens no provider is no key; one that opens some is', async () => {
  const register = (id: string, sealedWith: Buffer): Promise<unknown> =>
    db.owner.query('insert into platform.providers (id, base_url, credential_ciphertext) values ($1, $2, $3)', [
      id,
      'https://api.example.com',
      seal(sealedWith, 'sk-canary'),
    ]);
  await register('other', randomBytes(32));
  expect(await problems({})).toEqual([
    expect.stringMatching(/^TENANTDESK_CREDENTIAL_KEY opens no provider's credential \(other\)/),
  ]);
  await register('own', key);
  expect(await problems({})).toEqual([]);
});

test('a folder that is there is taken', async () => {
  const dataFolder = path.join(folder, 'there');
  mkdirSync(dataFolder);
  expect(await problems({ dataFolder })).toEqual([]);
});
