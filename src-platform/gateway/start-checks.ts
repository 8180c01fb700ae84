import { accessSync, constants, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { readMigrations } from '../schema/migrate.ts';
import { leadsThroughPooler } from '../schema/pooler.ts';
import { BadSettings, type GatewaySettings } from './gateway-settings.ts';
import { openCredential } from './policy/credential-box.ts';

const PATIENCE_MS = 5_000;
const REDIS_PATIENCE_MS = 2_000;
const MIGRATE = 'npm run platform:migrate';

/**
 * Whether the settings lead where they should, looked at before anything is begun: folder, database, login, schema, pooler, Redis, key. A Redis that
 * does not answer is no reason not to start; one that wants another password is.
 * @throws BadSettings with a line for each thing that is wrong
 */
export async function checkSettings(settings: GatewaySettings): Promise<void> {
  const { databaseUrl, directUrl, redisUrl, dataFolder } = settings;
  const ofStores = await Promise.all([
    databaseProblem('TENANTDESK_DATABASE_URL', databaseUrl, async (client) =>
      directUrl === undefined && (await leadsThroughPooler(client)) ? POOLED : await contentsProblem(client, settings),
    ),
    directProblem(directUrl),
    redisProblem(redisUrl),
  ]);
  const problems = [folderProblem(dataFolder), ...ofStores].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new BadSettings(problems.join('\n'));
}

const POOLED =
  'TENANTDESK_DATABASE_URL leads through a connection pooler, and announcements (LISTEN) pass none. ' +
  'Set TENANTDESK_DATABASE_DIRECT_URL to the same login straight at PostgreSQL; everything else goes on through the pooler.';
const DIRECT_POOLED =
  'TENANTDESK_DATABASE_DIRECT_URL leads through a connection pooler. Give the address of PostgreSQL itself.';

function folderProblem(folder: string): string | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `TENANTDESK_GATEWAY_DATA: ${folder} can't be written here (${codeOf(error)}). Name a folder that is this user's.`;
  }
}

async function directProblem(address: string | undefined): Promise<string | undefined> {
  if (address === undefined) return undefined;
  return databaseProblem('TENANTDESK_DATABASE_DIRECT_URL', address, async (client) =>
    (await leadsThroughPooler(client)) ? DIRECT_POOLED : undefined,
  );
}

async function databaseProblem(
  name: string,
  address: string,
  look: (client: Client) => Promise<string | undefined>,
): Promise<string | undefined> {
  const client = new Client({
    connectionString: address,
    application_name: 'tenantdesk-gateway-start',
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  // What breaks it is told by the query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await look(client);
  } catch (error) {
    return `${name}: ${connectionTrouble(error, client)}`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Words for the usual codes, of PostgreSQL and of the network. */
function connectionTrouble(error: unknown, { user, database, host, port }: Client): string {
  const code = codeOf(error);
  if (code === '28P01') {
    return `PostgreSQL at ${host}:${port} does not take the login ${user ?? ''} or its password.`;
  }
  if (code === '3D000') return `there is no database ${database ?? ''} at ${host}:${port}.`;
  if (code === '42501') return `the login ${user ?? ''} may not connect to ${database ?? ''}, or is not a gateway's.`;
  if (code.startsWith('E')) {
    return `nothing answers at ${host}:${port} (${code}). Is PostgreSQL up, and the address right?`;
  }
  const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : '';
  return `PostgreSQL at ${host}:${port} can't be used now (${message}).`;
}

/** What the database has to have before a gateway can work with it. */
async function contentsProblem(client: Client, settings: GatewaySettings): Promise<string | undefined> {
  const { rows } = await client.query<{ there: boolean; gateway: boolean; login: string }>(
    `select to_regclass('platform.schema_migrations') is not null as there, session_user as login,
       coalesce((select pg_has_role(session_user, oid, 'member') from pg_roles where rolname = 'td_gateway'), false) as gateway`,
  );
  const [here] = rows;
  if (here === undefined || !here.there) {
    return `TENANTDESK_DATABASE_URL: this database has no schema of TenantDesk yet: ${MIGRATE}.`;
  }
  if (!here.gateway) {
    return `TENANTDESK_DATABASE_URL: the login ${here.login} is not a member of td_gateway: npm run platform:gateways -- login makes one.`;
  }
  const { rows: applied } = await client.query<{ name: string }>('select name from platform.schema_migrations');
  const names = new Set(applied.map(({ name }) => name));
  const missing = readMigrations().filter(({ name }) => !names.has(name));
  if (missing.length > 0) {
    return `TENANTDESK_DATABASE_URL: the schema is older than this program, ${missing.length} migrations are missing: ${MIGRATE}.`;
  }
  return keyProblem(client, settings);
}

/** One provider that can't be asked is told and left out; with a key that opens none the gateway would be of no use. */
async function keyProblem(client: Client, { credentialKey }: GatewaySettings): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string; sealed: Buffer }>(
    'select id, credential_ciphertext as sealed from platform.providers where disabled_at is null order by rank, id',
  );
  const opens = rows.some(({ sealed }) => {
    try {
      openCredential(credentialKey, sealed);
      return true;
    } catch {
      return false;
    }
  });
  if (opens || rows.length === 0) return undefined;
  const ids = rows.map(({ id }) => id).join(', ');
  return `TENANTDESK_CREDENTIAL_KEY opens no provider's credential (${ids}). Take the key that they were sealed with, or give them their credentials anew: npm run platform:providers -- change.`;
}

/** Of several masters the first one speaks for all. */
async function redisProblem(urls: string): Promise<string | undefined> {
  const redis = new Redis(urls.split(',', 1)[0] ?? '', {
    lazyConnect: true,
    connectTimeout: REDIS_PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // More than one may come, and one is waited for.
  redis.on('error', () => undefined);
  const failed = once(redis, 'error').then(([error]: unknown[]) => error);
  const ready = redis.connect().then(
    () => undefined,
    () => failed,
  );
  try {
    const error = await Promise.race([ready, failed]);
    const message = error instanceof Error ? error.message : '';
    const word = /\b(NOAUTH|WRONGPASS|NOPERM)\b/.exec(message)?.[1];
    return word === undefined
      ? undefined
      : `TENANTDESK_REDIS_URL: Redis does not take this user or password (${word}).`;
  } finally {
    redis.disconnect();
  }
}

function codeOf(error: unknown): string {
  const code: unknown = Reflect.get(Object(error), 'code');
  return typeof code === 'string' ? code : 'no code';
}
