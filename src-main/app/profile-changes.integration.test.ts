/** Connections that are changed, handed on as files, and reached through a pooler; what a trial tells of other versions. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeOperator } from '../../src-platform/testing/factories.ts';
import { startPgBouncer } from '../../src-platform/testing/pg-bouncer.ts';
import type { PartResult, PlatformPart, ProfileEntered, ProfileTrial } from '../contract/profiles.ts';
import { knownSchema } from './known-schema.ts';
import { nextState } from '../testing/next-state.ts';
import { connectionTo, openRemotePlatform, type RemotePlatform } from '../testing/remote-platform.ts';
import { SCRIPTED_GATEWAY_ID } from '../testing/scripted-gateway.ts';
import type { ConsoleClient, TestConsole } from '../testing/test-console.ts';
import { makeAuthority } from '../testing/test-certificates.ts';
import { trialOf } from '../testing/trial-of.ts';

let platform: RemotePlatform;

beforeAll(async () => {
  platform = await openRemotePlatform();
});
afterEach(() => platform.closeConsoles());
afterAll(() => platform.close());

async function made(): Promise<TestConsole> {
  const console = await platform.console();
  await console.client.vault.setUp({ passphrase: null, keychain: true });
  return console;
}

const target = (over?: Parameters<typeof connectionTo>[1]) => connectionTo(platform, over);

/** As a window changes it: no secret is sent again. */
async function editing(client: ConsoleClient, id: string, over: Partial<ProfileEntered>): Promise<ProfileEntered> {
  const { revision, profile } = await client.profiles.details({ id });
  return { ...profile, of: { id, revision }, ...over };
}
const partOf = (parts: readonly PartResult[], wanted: PlatformPart): PartResult | undefined =>
  parts.find(({ part }) => part === wanted);

async function connected(client: ConsoleClient, entered = target()): Promise<string> {
  const { parts, id } = await trialOf(client.profiles.connect(entered));
  expect(parts.filter(({ outcome }) => outcome !== 'fine')).toEqual([]);
  return id ?? '';
}

describe('a connection is changed', () => {
  it('in its looks at once, and the window that has it open begins afresh', async () => {
    const { client } = await made();
    const id = await connected(client);
    const { workspace } = await nextState(await client.profiles.watch(), ({ current }) => current?.id === id);
    const change = await editing(client, id, { name: 'Staging', kind: 'staging', colour: 'darkorange' });
    expect(await trialOf(client.profiles.connect(change))).toEqual({ parts: [], over: true, id });
    const state = await nextState(await client.profiles.watch(), ({ current }) => current?.name === 'Staging');
    expect(state).toMatchObject({ workspace: workspace! + 1, current: { id, kind: 'staging', colour: 'darkorange' } });
    const session = await nextState(await client.session.watch(), (told) => told.operator !== null);
    expect(session.profile).toMatchObject({ name: 'Staging', colour: 'darkorange' });
  });

  it('keeps what the console remembers of the platform under another name, and nothing of it at another address', async () => {
    const { client, folder } = await made();
    const caches = (): string[] => readdirSync(`${folder}/kept`).filter((name) => /^cache-.*\.db$/.test(name));
    const id = await connected(client);
    const before = caches();
    await trialOf(client.profiles.connect(await editing(client, id, { name: 'Another' })));
    expect(caches()).toEqual(before);
    const { revision } = await client.profiles.details({ id });
    const moved = target({ name: 'Another', database: { host: 'localhost' } });
    await trialOf(client.profiles.connect({ ...moved, of: { id, revision } }));
    expect(caches()).toHaveLength(before.length + 1);
  });

  it('without its secrets being sent or told again', async () => {
    const { client } = await made();
    const id = await connected(client);
    const told = await client.profiles.details({ id });
    expect(told.tokenLast4).toBe(platform.operator.gatewayToken.slice(-4));
    expect(JSON.stringify(told)).not.toMatch(/password|token"|"key"/);
    const login = await editing(client, id, {});
    const { parts } = await trialOf(client.profiles.test(login));
    expect(parts.filter(({ outcome }) => outcome !== 'fine')).toEqual([]);
  });

  it.each<[string, (entered: ProfileEntered) => ProfileEntered, RegExp]>([
    ['host', (old) => ({ ...old, database: { ...old.database, host: 'localhost' } }), /Enter the password again/],
    ['login', (old) => ({ ...old, database: { ...old.database, login: 'ravi' } }), /Enter the password again/],
    ['checks', (old) => ({ ...old, database: { ...old.database, tls: 'encrypt' } }), /Enter the password again/],
    [
      'authority',
      (old) => ({ ...old, gateway: { ...old.gateway, ca: makeAuthority('x').certificate } }),
      /Enter the token again/,
    ],
    [
      'gateway',
      (old) => ({ ...old, gateway: { ...old.gateway, url: 'https://elsewhere.example.com' } }),
      /Enter the token again/,
    ],
  ])('with another %s the kept secret goes nowhere: it has to be entered again', async (_what, change, sentence) => {
    const { client } = await made();
    const entered = change(await editing(client, await connected(client), {}));
    for (const call of [client.profiles.test, client.profiles.connect]) {
      await expect(call(entered)).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: expect.stringMatching(sentence),
      });
    }
  });

  it('a new one without secrets is told what to enter', async () => {
    const { client } = await made();
    const { database } = target();
    const bare = target({ database: { ...database, password: null } });
    await expect(client.profiles.test(bare)).rejects.toMatchObject({ message: /Enter the password/ });
  });

  it('not over a change that came between', async () => {
    const { client } = await made();
    const id = await connected(client);
    const [first, second] = [await editing(client, id, { name: 'One' }), await editing(client, id, { name: 'Two' })];
    await trialOf(client.profiles.connect(first));
    await expect(client.profiles.connect(second)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: /"One" was changed meanwhile/,
    });
    expect((await client.profiles.details({ id })).profile.name).toBe('One');
  });

  it('and stays as it was when a part fails, or its name is taken', async () => {
    const { client } = await made();
    const id = await connected(client);
    const broken = await editing(client, id, { gateway: { url: platform.gateway.url, token: 'tdo_wrong' } });
    expect(await trialOf(client.profiles.connect(broken))).toMatchObject({ over: true, id: null });
    expect((await client.profiles.details({ id })).tokenLast4).toBe(platform.operator.gatewayToken.slice(-4));
    await expect(client.profiles.connect(await editing(client, id, { name: 'Test' }))).rejects.toMatchObject({
      message: /called "Test" already/,
    });
  });
});

describe('a connection as a file', () => {
  it('has all but the secrets, and comes back', async () => {
    const { client, folder } = await made();
    const own = makeAuthority('Our own CA').issue({ subject: platform.operator.login });
    const id = await connected(client, target({ name: 'Produktion (EU)', gateway: own }));
    const { path: file } = await client.profiles.exportFile({ id });
    expect(file).toContain(folder);
    expect(file).toMatch(/tenantdesk-connection-produktion-eu\.json$/);
    const text = readFileSync(file, 'utf8');
    for (const secret of [target().database.password, platform.operator.gatewayToken, own.key.split('\n')[1]!]) {
      expect(text).not.toContain(secret);
    }
    expect((await client.profiles.readFile({ text })).profile).toEqual((await client.profiles.details({ id })).profile);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', 'hello', /no file of a TenantDesk connection/],
    ['another’s file', '{"format":"other","version":1}', /no file of a TenantDesk connection/],
    ['a newer format', '{"format":"tenantdesk-connection","version":2}', /newer TenantDesk/],
    [
      'a changed file',
      '{"format":"tenantdesk-connection","version":1,"connection":{"name":"x","kind":"production","colour":"teal","database":{"host":5}}}',
      /"connection\.database\.host" is missing or can’t be used/,
    ],
  ])('is refused when it is %s', async (_what, text, sentence) => {
    const { client } = await made();
    await expect(client.profiles.readFile({ text })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(sentence),
    });
  });
});

describe('a trial', () => {
  it('tells each part as it goes, and ends with its reader', async () => {
    const { client } = await made();
    const states: ProfileTrial[] = [];
    for await (const state of await client.profiles.test(target())) states.push(state);
    expect(states.some(({ parts }) => parts.some(({ outcome }) => outcome === 'trying'))).toBe(true);
    expect(states.at(-1)?.parts.every(({ outcome }) => outcome === 'fine')).toBe(true);
    const left = await client.profiles.connect(target({ name: 'Left' }));
    await left.next();
    await left.return();
    const { profiles } = await nextState(await client.profiles.watch(), () => true);
    expect(profiles).toHaveLength(1);
  });

  it.each([
    ['that may bypass row security', 'alter role %s bypassrls', /allowed to bypass row-level security/],
    ['that can become a superuser', 'grant postgres to %s', /a superuser/],
  ])('refuses a login %s', async (_what, grant, sentence) => {
    const strong = await makeOperator(platform.db, { role: 'operator' });
    // Roles are the whole server's: as an operator it would be a finding for whoever checks another database of it now.
    await platform.db
      .connect(platform.db.superuserUrl)
      .query(`revoke td_operator from ${strong.login}; ${grant.replace('%s', strong.login)}`);
    const { client } = await made();
    const { parts, id } = await trialOf(client.profiles.connect(target({ url: strong.url })));
    expect(partOf(parts, 'powers')).toMatchObject({ outcome: 'failed', sentence: expect.stringMatching(sentence) });
    expect(id).toBeNull();
  });

  it('tells a schema and a gateway of other versions, and what works all the same', async () => {
    const { client } = await made();
    const own = knownSchema(path.resolve(import.meta.dirname, '../..'));
    await platform.db.owner.query(`update platform.schema_migrations set name = '9000-later' where name = $1`, [own]);
    await platform.db.owner.query(`update platform.gateways set version = '7.0.0' where id = $1`, [
      SCRIPTED_GATEWAY_ID,
    ]);
    try {
      const { parts, id } = await trialOf(client.profiles.connect(target()));
      expect(partOf(parts, 'schema')).toMatchObject({
        outcome: 'warned',
        sentence: expect.stringContaining('newer than this console'),
      });
      expect(partOf(parts, 'same_platform')).toMatchObject({
        outcome: 'warned',
        sentence: expect.stringContaining('scripted 7.0.0'),
      });
      expect(id).not.toBeNull();
      const session = await nextState(await client.session.watch(), ({ skew }) => skew.length === 2);
      expect(session.skew[0]).toMatch(/Update TenantDesk/);
    } finally {
      await platform.db.owner.query(`update platform.schema_migrations set name = $1 where name = '9000-later'`, [own]);
      await platform.db.owner.query(`update platform.gateways set version = '0.0.0' where id = $1`, [
        SCRIPTED_GATEWAY_ID,
      ]);
    }
  });
});

describe('behind a pooler in transaction mode', () => {
  it.for<[string, string | undefined, PlatformPart, RegExp]>([
    ['that refuses settings', '', 'login', /A pooler such as PgBouncer stands at .*"Direct address"/],
    ['that takes them', undefined, 'changes', /passes no news on.*"Direct address"/],
  ])(
    '%s: a direct address is asked for, and with it all is fine',
    async ([_what, ignores, part, sentence], context) => {
      const pooler = await startPgBouncer(platform.operator.url, 3, { env: process.env, ignores });
      if (!pooler.found) return context.skip(pooler.reason);
      try {
        const { client } = await made();
        const without = await trialOf(client.profiles.test(target({ url: pooler.url })));
        expect(partOf(without.parts, part)).toMatchObject({
          outcome: 'failed',
          sentence: expect.stringMatching(sentence),
        });
        const { hostname, port } = new URL(platform.operator.url);
        const direct = { host: hostname, port: Number(port) };
        const id = await connected(client, target({ url: pooler.url, database: { direct } }));
        const session = await nextState(await client.session.watch(), (told) => told.database.state === 'live');
        expect([id, session.profile.name]).toEqual([id, 'Production']);
        const pooled = { host: '127.0.0.1', port: Number(new URL(pooler.url).port) };
        const twice = await trialOf(client.profiles.test(target({ url: pooler.url, database: { direct: pooled } })));
        expect(partOf(twice.parts, 'changes')).toMatchObject({ outcome: 'failed' });
      } finally {
        await pooler.stop();
      }
      return undefined;
    },
  );
});
