import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ensureCredentials } from './credentials-file.ts';
import { startPostgresPart, type PartsHome, type PostgresPart } from './platform-parts.ts';
import { databaseUrl, OWNER_LOGIN } from './prepare-database.ts';
import { prepareOwnDatabase } from './prepare-own-database.ts';
import { awaitEarlierParts } from './running-parts.ts';
import { withClient } from './with-client.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'td-own-'));
const stack = new AsyncDisposableStack();
afterAll(async () => {
  await stack.disposeAsync();
  rmSync(folder, { recursive: true, force: true });
});

const credentials = ensureCredentials(folder, [], []);
const now = new Date('2026-07-30T10:20:30Z');

function asOwner<T extends object>({ port }: PostgresPart, sql: string): Promise<T[]> {
  return withClient(
    databaseUrl(port, OWNER_LOGIN, credentials.ownerPassword),
    async (owner) => (await owner.query<T>(sql)).rows,
  );
}

test('data of another version is set aside with the journal that belongs to it, and new data is made', async () => {
  const said: string[] = [];
  const say = (sentence: string): void => void said.push(sentence);
  const home: PartsHome = { folder, running: await awaitEarlierParts(folder, say), say, stack, parts: [] };
  const options = { credentials, operators: [], now };
  const old = await prepareOwnDatabase(home, { ...options, postgres: await startPostgresPart(home) });
  await asOwner(old, `insert into platform.providers values ('made before', 'https://api.example.com', '')`);
  expect(await prepareOwnDatabase(home, { ...options, postgres: old })).toBe(old);
  expect(said).toEqual([]);

  mkdirSync(path.join(folder, 'gateway'));
  writeFileSync(path.join(folder, 'gateway', 'journal'), 'owed to the old ledger');
  await asOwner(old, `insert into platform.schema_migrations values ('9999-of-another-version', '')`);
  const fresh = await prepareOwnDatabase(home, { ...options, postgres: old });
  const kept = path.join(folder, 'kept-2026-07-30T10-20-30.000Z');
  expect(said).toEqual([
    `The demo data was made by another version of TenantDesk. It is kept in ${kept}; new data is made.`,
  ]);
  expect(readdirSync(kept).toSorted()).toEqual(['gateway', 'postgres']);
  expect(existsSync(path.join(folder, 'gateway'))).toBe(false);
  expect(await asOwner(fresh, 'select id from platform.providers')).toEqual([]);
  expect(home.parts).toHaveLength(1);
});

test('another failure sets nothing aside', async () => {
  const refuse = (): never => {
    throw new Error('not to be used');
  };
  const home: PartsHome = { folder, running: { note: refuse }, say: refuse, stack, parts: [] };
  const gone: PostgresPart = { port: 1, superuserUrl: 'postgres://postgres@127.0.0.1:1/postgres', stop: refuse };
  await expect(prepareOwnDatabase(home, { credentials, operators: [], now, postgres: gone })).rejects.toThrow(
    /ECONNREFUSED/,
  );
});
