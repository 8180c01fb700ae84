import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import OpenAI from 'openai';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startChild, type Child } from '../process/child.ts';
import { ensureCredentials } from './credentials-file.ts';
import { takeDataFolder } from './data-folder.ts';
import { clinicBFloor } from './demo/clinic-b.ts';
import { demoTenants } from './demo/demo-tenants.ts';
import { enterHistory } from './demo/enter-history.ts';
import { pricesByModel } from './demo/history-rows.ts';
import { databaseUrl, GATEWAY_LOGIN } from './prepare-database.ts';
import { readPriceBook } from '../prices/price-book.ts';
import type { BillLine } from './provider/bill-book.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import { startLocalPlatform, type LocalPlatform } from './start-local-platform.ts';

const HISTORY_ROWS = 3_000;
const PARTS = ['PostgreSQL', 'Redis', 'The pretend provider', 'The gateway', 'The demo traffic'];

/** The line that other programs read: what the platform promises of it. */
const readyLine = z.object({
  ready: z.literal(true),
  gateway: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  postgres: z.string().startsWith('postgres://'),
  redis: z.string().startsWith('redis://'),
  operators: z.array(
    z.object({
      login: z.string(),
      role: z.string().startsWith('td_'),
      postgres: z.string().startsWith('postgres://'),
      gatewayToken: z.string().regex(/^tdo_[\w-]{43}$/),
    }),
  ),
  tenants: z.array(
    z.object({
      id: z.uuid(),
      slug: z.string(),
      name: z.string(),
      timeZone: z.string(),
      apiKey: z.string().regex(/^td_[\w-]{43}$/),
      monthlyCapUsd: z.string().regex(/^\d+\.\d{2,9}$/),
    }),
  ),
});
type ReadyLine = z.infer<typeof readyLine>;

/** One after the other on one data folder: a first start, kill -9 of it, a second start with traffic. */
let folder: string;
let command: Child;
let first: ReadyLine;
let ledgerRows: number;
let platform: LocalPlatform;

beforeAll(async () => {
  folder = path.join(mkdtempSync(path.join(os.tmpdir(), 'td-local-')), 'data');
  command = await startCommand();
  first = readyLine.parse(JSON.parse(command.readyLine));
});

afterAll(async () => {
  await command.stop();
  await platform?.close();
  rmSync(path.dirname(folder), { recursive: true, force: true });
});

function startCommand(): Promise<Child> {
  return startChild({
    name: 'The local platform',
    command: process.execPath,
    args: [
      fileURLToPath(new URL('./platform.ts', import.meta.url)),
      '--json',
      '--data',
      folder,
      '--no-traffic',
      '--history',
      String(HISTORY_ROWS),
    ],
    stopSignal: 'SIGTERM',
    ready: /^\{"ready":true/,
    readyTimeoutMs: 100_000,
  });
}

async function query<Row extends object>(url: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

function client(line: { gateway: string; tenants: readonly { slug: string; apiKey: string }[] }, slug: string): OpenAI {
  const { apiKey } = line.tenants.find((tenant) => tenant.slug === slug)!;
  return new OpenAI({ baseURL: `${line.gateway}/v1`, apiKey, maxRetries: 0 });
}

function call(openai: OpenAI) {
  const content = 'Which slot is free? [answer 40 tokens] [answer fast]';
  return openai.chat.completions.create({ model: 'gpt-4o', max_tokens: 60, messages: [{ role: 'user', content }] });
}

/** The gateways' own database login, which the ready line does not tell. */
function gatewayUrl({ description }: LocalPlatform): string {
  const { gatewayPassword } = ensureCredentials(folder, [], []);
  return databaseUrl(Number(new URL(description.postgres).port), GATEWAY_LOGIN, gatewayPassword);
}

/** The parts that the platform noted, told apart from later processes with their numbers. */
function noteParts(): (ProcessIdentity & { name: string })[] {
  return JSON.parse(readFileSync(path.join(folder, 'parts.json'), 'utf8')) as (ProcessIdentity & { name: string })[];
}

test('the first start says where everything is, with an operator of each role and their own login', async () => {
  expect(first.tenants).toHaveLength(12);
  const roles = first.operators.map(({ role }) => role).toSorted();
  expect(roles).toEqual(['td_account_manager', 'td_admin', 'td_auditor', 'td_operator', 'td_viewer']);
  for (const { login, role, postgres } of first.operators) {
    const [me] = await query<{ login: string; role: string }>(postgres, 'select login, role from platform.whoami()');
    expect(me).toEqual(expect.objectContaining({ login, role: role.replace('td_', '') }));
  }
});

test('its Redis is for those who have the password', async () => {
  const { redisPassword } = ensureCredentials(folder, [], []);
  expect(new URL(first.redis).password).toBe(redisPassword);
  const said = async (url: string): Promise<string> => {
    const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
    redis.on('error', () => undefined);
    const answer = await redis.keys('td:*').then(String, String);
    redis.disconnect();
    return answer;
  };
  expect(await said(first.redis)).not.toContain('Error');
  expect(await said(first.redis.replace(/\/\/.*@/, '//'))).toContain('NOAUTH');
  expect(statSync(path.join(folder, 'credentials.json')).mode & 0o777).toBe(0o600);
});

test('the past is in the ledger, and ledger, rollups and charges agree', async () => {
  const [sums] = await query<Record<'rows' | 'ledger' | 'daily' | 'monthly' | 'over', string>>(
    first.postgres,
    `select (select count(*) from platform.usage_records) as rows,
       (select sum(cost_nanousd) from platform.usage_records) as ledger,
       (select sum(cost_nanousd) from platform.usage_daily) as daily,
       (select sum(cost_nanousd) from platform.usage_monthly) as monthly,
       (select count(*) from platform.cap_periods where charged_nanousd > limit_nanousd) as over`,
  );
  ledgerRows = Number(sums!.rows);
  expect(ledgerRows).toBeGreaterThan(0.8 * HISTORY_ROWS);
  expect([sums!.daily, sums!.monthly]).toEqual([sums!.ledger, sums!.ledger]);
  expect(sums!.over).toBe('0');
});

test('a call goes through the gateway to the pretend provider, and stands on its bill', async () => {
  const { response } = await call(client(first, 'salon-a')).withResponse();
  const requestId = response.headers.get('x-tenantdesk-request-id');
  const lines = readFileSync(path.join(folder, 'provider', 'bill.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const bill = lines.map((line) => JSON.parse(line) as BillLine).find((line) => line.requestId === requestId);
  expect(bill).toMatchObject({ outputTokens: 40, completed: true });
});

test('a second platform on the same folder is refused with a sentence, and the first runs on', async () => {
  await expect(startCommand()).rejects.toThrow(/Another local platform \(process \d+\) is running on/);
  await call(client(first, 'salon-a'));
});

test('kill -9 leaves no process behind', async () => {
  const parts = noteParts();
  expect(parts.map(({ name }) => name).toSorted()).toEqual(PARTS.slice(0, 4).toSorted());
  for (const part of parts) expect(isRunning(part)).toBe(true);
  await command.kill();
  await expect.poll(() => parts.filter((part) => isRunning(part)), { timeout: 15_000 }).toEqual([]);
});

test('the next start keeps the data, enters no history twice and sets Clinic B on its way to the cap', async () => {
  platform = await startLocalPlatform({
    dataFolder: takeDataFolder(folder),
    tenants: 12,
    traffic: true,
    historyRows: HISTORY_ROWS,
    clinicBSeconds: 1.5,
    failureRate: 0,
    env: process.env,
    say: () => undefined,
    signal: new AbortController().signal,
  });
  const { description, parts, enteredRows } = platform;
  // So thin a history may have ended half an hour ago: that gap is filled, one call a client.
  expect(enteredRows).toBeLessThan(40);
  expect(parts.map(({ name }) => name).toSorted()).toEqual(PARTS.toSorted());
  expect(description.tenants.map(({ apiKey }) => apiKey)).toEqual(first.tenants.map(({ apiKey }) => apiKey));
  const [rows] = await query<{ history: string }>(
    description.postgres,
    `select count(*) as history from platform.usage_records where grant_id is null`,
  );
  expect(Number(rows!.history)).toBe(ledgerRows + enteredRows);
  const audit = await query<{ reason: string }>(
    description.operators.find(({ role }) => role === 'td_auditor')!.postgres,
    `select reason from platform.audit_log where action = 'cap.set' order by id`,
  );
  expect(audit.length).toBeGreaterThanOrEqual(1);
  expect(audit.at(-1)?.reason).toContain('Clinic B');
});

test('Clinic B reaches its cap by its own traffic, is refused, and goes on after a raise of 10 %', async () => {
  const { description } = platform;
  const clinic = description.tenants.find(({ slug }) => slug === 'clinic-b')!;
  const refusals = () =>
    query<{ code: string }>(description.postgres, `select distinct code from platform.refusals where tenant_id = $1`, [
      clinic.id,
    ]);
  await expect.poll(refusals, { timeout: 40_000, interval: 250 }).toEqual([{ code: 'tenant_month_cap' }]);
  const operator = description.operators.find(({ role }) => role === 'td_operator')!;
  await query(
    operator.postgres,
    `select platform.set_cap(tenant_id, id, limit_nanousd + limit_nanousd / 10, version, $2, 'one click')
     from platform.caps where tenant_id = $1`,
    [clinic.id, randomUUID()],
  );
  const answer = () => call(client(description, 'clinic-b')).then((completion) => completion.usage?.completion_tokens);
  await expect.poll(() => answer().catch((error: unknown) => String(error)), { timeout: 5_000 }).toBe(40);
});

test('a gateway that was killed comes back at its address, with its id', async () => {
  const { description, parts } = platform;
  const gateway = parts.find(({ name }) => name === 'The gateway')!;
  const ids = () => query<{ id: string }>(description.postgres, 'select id from platform.gateways');
  const before = await ids();
  const killed = gateway.child;
  await killed.kill();
  await expect.poll(() => gateway.child.pid, { timeout: 20_000 }).not.toBe(killed.pid);
  await call(client(description, 'agency-c'));
  expect(await ids()).toEqual(before);
});

test('after a pause the past is filled up to now, within the caps, and Clinic B has spent enough in a new period', async () => {
  // As at a start: nobody calls while the past is entered.
  for (const name of ['The demo traffic', 'The gateway']) {
    await platform.parts.find((part) => part.name === name)!.stop();
  }
  const owner = new pg.Client({ connectionString: platform.description.postgres });
  await owner.connect();
  const gateway = new pg.Pool({ connectionString: gatewayUrl(platform) });
  const tenants = demoTenants(12);
  const prices = pricesByModel(readPriceBook());
  const say = () => undefined;
  const { signal } = new AbortController();
  const later = Date.now() + 2 * 86_400_000;
  const options = { folder, owner, gateway, tenants, rows: HISTORY_ROWS, prices, now: () => later, signal, say };
  try {
    const entered = await enterHistory(options);
    expect(entered).toBeGreaterThan(100);
    expect(entered).toBeLessThan(4_000);
    // What is left: from the last invented call until then.
    expect(await enterHistory(options)).toBeLessThan(40);
    const over = await owner.query(
      `select p.tenant_id from platform.cap_periods p where p.charged_nanousd > p.limit_nanousd or p.granted_nanousd > p.limit_nanousd`,
    );
    expect(over.rows).toEqual([]);
    const nextMonth = Date.now() + 31 * 86_400_000;
    const digest = await clinicBFloor(owner, prices, nextMonth);
    const spent = digest.reduce((sum, { cost_nanousd }) => sum + cost_nanousd, 0);
    expect(spent / 1e9).toBeGreaterThan(23);
    expect(spent / 1e9).toBeLessThan(25);
    for (const { occurred_at } of digest) expect(Date.parse(occurred_at)).toBeLessThan(nextMonth);
  } finally {
    await owner.end();
    await gateway.end();
  }
});

test('closing ends every process and frees the folder', async () => {
  const identities = noteParts();
  await platform.close();
  expect(identities.filter((identity) => isRunning(identity))).toEqual([]);
  takeDataFolder(folder).release();
});
