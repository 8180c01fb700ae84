import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { callPlatform } from '../testing/call-platform.ts';
import { makeTenant } from '../testing/factories.ts';
import { createTestSite, type TestSite } from '../gateway/testing/test-gateway.ts';
import { PROVIDER_CREDENTIAL } from '../gateway/testing/scripted-provider.ts';
import { chat, knownAt, makeCappedTenant } from '../gateway/testing/tenant-calls.ts';
import { main as gateways } from './gateways-main.ts';
import { main as operators } from './operators-main.ts';
import { main as providers } from './providers-main.ts';

let site: TestSite;
/** A login that migrates: it made the groups, so it may give them away, and it may make roles. No superuser. */
let migrating: string;
const own = randomBytes(4).toString('hex');
const made: string[] = [];

const GROUPS = ['viewer', 'account_manager', 'operator', 'admin', 'auditor', 'gateway'].map((word) => `td_${word}`);

async function asSuperuser(statement: string): Promise<void> {
  const client = new Client({ connectionString: site.db.superuserUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  site = await createTestSite();
  const login = `migrating_${own}`;
  made.push(login);
  await asSuperuser(
    `create role ${login} login createrole password 'word'; grant td_owner, td_definer to ${login};
     grant ${GROUPS.join(', ')} to ${login} with admin true, inherit false, set false; grant connect on database ${site.db.name} to ${login} with grant option`,
  );
  const url = new URL(site.db.superuserUrl);
  url.username = login;
  url.password = 'word';
  migrating = url.href;
});
afterAll(async () => {
  if (site === undefined) return;
  const { rows } = await site.db.owner.query<{ rolname: string }>(
    'select rolname from pg_roles where rolname = any ($1)',
    [made],
  );
  const there = made.toReversed().filter((login) => rows.some(({ rolname }) => rolname === login));
  await asSuperuser(there.map((login) => `drop owned by "${login}" cascade; drop role "${login}"`).join('; '));
  await site.close();
});

interface Ran {
  readonly code: number;
  readonly said: string;
  readonly printed: string;
}
type Command = 'providers' | 'operators' | 'gateways';

async function run(
  command: Command,
  args: readonly string[],
  given: { secret?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const said: string[] = [];
  const printed: string[] = [];
  const ports = {
    env: {
      TENANTDESK_DATABASE_URL: migrating,
      TENANTDESK_CREDENTIAL_KEY: site.credentialKey.toString('base64'),
      ...given.env,
    },
    log: (line: string) => void said.push(line),
    print: (line: string) => void printed.push(line),
    readSecret: () => Promise.resolve(given.secret ?? ''),
    lookup: () => Promise.resolve(['93.184.216.34']),
  };
  const code = await { providers, operators, gateways }[command](args, ports);
  return { code, said: said.join('\n'), printed: printed.join('\n') };
}

const valueOf = (printed: string, name: string): string =>
  new RegExp(`^${name}\\s+(\\S+)$`, 'm').exec(printed)?.[1] ?? '';
const audited = async (action: string): Promise<Record<string, unknown>[]> => {
  const { rows } = await site.db.owner.query<Record<string, unknown>>(
    `select operator_id, login, target, before, after, reason from platform.audit_log where action = $1 order by seq`,
    [action],
  );
  return rows;
};

describe('providers', () => {
  test('one that is added, changed, taken out of use and back is obeyed at once, and each step stands in the audit log', async () => {
    const { db, provider } = site;
    await db.owner.query(`delete from platform.providers`);
    await db.owner.query(`select platform.announce('providers', null)`);
    const gateway = await site.startGateway();
    const tenant = await makeCappedTenant(db, 1_000_000_000n);
    await knownAt(gateway.address, tenant.key);
    const status = async (): Promise<number> => (await chat(gateway.address, tenant.key)).status;
    expect(await status(), 'nobody sells the model yet').toBe(400);

    const added = await run(
      'providers',
      ['add', 'openai', '--url', provider.baseUrl, '--speaks', 'openai', '--allow-private'],
      {
        secret: PROVIDER_CREDENTIAL,
      },
    );
    expect(added).toMatchObject({ code: 0, said: expect.stringContaining('1 of its models have a price') });
    await eventually(async () => expect(await status()).toBe(200));
    const stored = await db.owner.query<{ sealed: Buffer }>(
      'select credential_ciphertext as sealed from platform.providers',
    );
    expect(String(stored.rows[0]?.sealed)).not.toContain(PROVIDER_CREDENTIAL);

    expect(await run('providers', ['disable', 'openai', '--reason', 'outage'])).toMatchObject({ code: 0 });
    await eventually(async () => expect(await status()).toBe(400));
    expect((await run('providers', ['list'])).printed).toMatch(/openai .*out of use since/);
    expect(await run('providers', ['disable', 'openai'])).toMatchObject({
      code: 1,
      said: 'openai is out of use already.',
    });
    expect(await run('providers', ['enable', 'openai'])).toMatchObject({ code: 0 });
    await eventually(async () => expect(await status()).toBe(200));

    const wrong = await run('providers', ['change', 'openai', '--credential'], {
      env: { TENANTDESK_PROVIDER_CREDENTIAL: 'sk-wrong-credential' },
    });
    expect(wrong.code).toBe(0);
    await eventually(async () => expect(await status(), 'it does not know that one').toBe(502));
    expect(await run('providers', ['change', 'openai', '--credential'], { secret: PROVIDER_CREDENTIAL })).toMatchObject(
      {
        code: 0,
      },
    );
    await eventually(async () => expect(await status()).toBe(200));
    expect(await run('providers', ['change', 'openai', '--rank', '3', '--speaks', 'all'])).toMatchObject({ code: 0 });
    expect((await run('providers', ['list'])).printed).toMatch(/openai\s+\S+\s+3\s+all\s+1\s+in use/);

    expect(await audited('provider.disable')).toMatchObject([
      { operator_id: null, login: `migrating_${own}`, target: 'provider:openai', reason: 'outage' },
    ]);
    const changes = await audited('provider.set');
    expect(changes.map(({ after }) => after)).toMatchObject([
      { baseUrl: provider.baseUrl, newCredential: true, version: 1 },
      { newCredential: true, version: 4 },
      { newCredential: true, version: 5 },
      { newCredential: false, rank: 3, speaks: null, version: 6 },
    ]);
    expect(JSON.stringify(changes)).not.toContain('sk-');
    await gateway.close();
  });

  test('what is wrong is said, with what to do, and nothing is changed', async () => {
    const before = (await run('providers', ['list'])).printed;
    const wrong: readonly (readonly [readonly string[], string | undefined, RegExp])[] = [
      [[], undefined, /Say what to do/],
      [['remove'], undefined, /There is no "remove"/],
      [['add', 'one', 'two'], undefined, /One name comes behind it/],
      [['add', 'other', '--key', 'sk-canary'], undefined, /Unknown option '--key'/],
      [['add', 'other'], 'sk-good-enough', /Say where it is/],
      [['add', 'other', '--url', 'http://api.example.com'], 'sk-good-enough', /reads the credential/],
      [['add', 'other', '--url', 'https://192.168.0.1'], 'sk-good-enough', /private network/],
      [['add', 'other', '--url', 'https://api.example.com'], '', /A credential is a line/],
      [['add', 'Other!', '--url', 'https://api.example.com'], 'sk-good-enough', /A provider's name/],
      [
        ['add', 'other', '--url', 'https://api.example.com', '--speaks', 'latin'],
        'sk-good-enough',
        /speaks openai, anthropic/,
      ],
      [['add', 'other', '--url', 'https://api.example.com', '--rank', '-1'], 'sk-good-enough', /--rank/],
      [['add', 'openai', '--url', 'https://api.example.com'], 'sk-good-enough', /There is a provider openai already/],
      [['change', 'openai'], undefined, /Say what changes/],
      [['change', 'nobody', '--rank', '1'], undefined, /There is no provider "nobody"/],
    ];
    for (const [args, secret, reason] of wrong) {
      const ran = await run('providers', args, { secret });
      expect(ran, args.join(' ')).toMatchObject({ code: 1, printed: '' });
      expect(ran.said).toMatch(reason);
    }
    const otherKey = { TENANTDESK_CREDENTIAL_KEY: randomBytes(32).toString('base64') };
    const add = ['add', 'other', '--url', 'https://api.example.com'];
    expect((await run('providers', add, { secret: 'sk-good-enough', env: otherKey })).said).toMatch(
      /does not open the credential of openai/,
    );
    expect((await run('providers', add, { env: { TENANTDESK_CREDENTIAL_KEY: 'short' } })).said).toMatch(/32 bytes/);
    const gatewayLogin = { TENANTDESK_DATABASE_URL: site.db.gatewayUrl };
    expect((await run('providers', ['list'], { env: gatewayLogin })).said).toMatch(/not a member of td_owner/);
    expect((await run('providers', ['list'])).printed).toBe(before);
  });
});

describe('from an empty platform to an answered call', () => {
  test('an admin, an operator, a login for gateways: each with what was printed for them', async () => {
    const names = { admin: `arjun_${own}`, manager: `manoj_${own}`, gateway: `gateway_${own}` };
    made.push(...Object.values(names));
    const admin = await run('operators', ['add', names.admin, '--name', 'Arjun Mehta', '--role', 'admin']);
    expect(admin, admin.said).toMatchObject({ code: 0 });
    const gatewayLogin = await run('gateways', ['login', names.gateway]);
    expect(gatewayLogin, gatewayLogin.said).toMatchObject({ code: 0 });
    const databaseUrl = /^TENANTDESK_DATABASE_URL=(.*)$/m.exec(gatewayLogin.printed)?.[1] ?? '';
    const gateway = await site.startGateway({ databaseUrl });

    const url = new URL(site.db.superuserUrl);
    url.username = names.admin;
    url.password = valueOf(admin.printed, 'password');
    const secret = `td_${randomBytes(32).toString('base64url')}`;
    const client = await callPlatform<{ tenantId: string }>(site.db.connect(url.href), 'create_tenant($1, $2)', [
      {
        name: `Clinic ${own}`,
        slug: `clinic-${own}`,
        currency: 'INR',
        timeZone: 'Asia/Kolkata',
        plan: 'pro',
        capNanoUsd: 5_000_000_000,
        thresholds: [80],
        key: { name: 'first', digest: hex(secret), prefix: secret.slice(0, 7), last4: secret.slice(-4) },
      },
      randomUUID(),
    ]);
    await knownAt(gateway.address, secret);
    expect((await chat(gateway.address, secret)).status).toBe(200);
    const asked = async (token: string): Promise<number> =>
      (await fetch(`${gateway.address}/admin/v1/status`, { headers: { authorization: `Bearer ${token}` } })).status;
    const first = valueOf(admin.printed, 'token');
    expect(await asked(first)).toBe(200);
    const renewed = await run('operators', ['token', names.admin, '--days', '30']);
    expect([await asked(first), await asked(valueOf(renewed.printed, 'token'))]).toEqual([401, 200]);

    const manager = await run(
      'operators',
      `add ${names.manager} --name Manoj --role account_manager --clients clinic-${own}`.split(' '),
    );
    expect(manager, manager.said).toMatchObject({ code: 0 });
    url.username = names.manager;
    url.password = valueOf(manager.printed, 'password');
    await makeTenant(site.db);
    const seen = async (): Promise<unknown[]> =>
      (await site.db.connect(url.href).query<{ id: string }>('select id from platform.tenants')).rows;
    expect(await seen(), 'their client alone').toEqual([{ id: client.tenantId }]);
    expect(await run('operators', ['disable', names.manager])).toMatchObject({ code: 0 });
    expect(await seen()).toEqual([]);
    expect(await asked(valueOf(manager.printed, 'token'))).toBe(401);
    expect((await run('operators', ['list'])).printed).toMatch(
      new RegExp(`${names.manager} .*clinic-${own} .*disabled`),
    );
    expect((await run('gateways', ['list'])).printed).toContain(gateway.id);
    await gateway.close();

    expect((await audited('operator.add')).map(({ target }) => target)).toEqual([
      `operator:${names.admin}`,
      `operator:${names.manager}`,
    ]);
    expect(await audited('gateway.login')).toMatchObject([{ target: `login:${names.gateway}` }]);
    const { rows } = await site.db.owner.query<{ log: string }>(
      `select string_agg(to_jsonb(l)::text, '') as log from platform.audit_log l`,
    );
    for (const kept of [secret, first, url.password]) expect(rows[0]?.log).not.toContain(kept);
  });

  test('what is wrong is said, and no login is left behind', async () => {
    const login = `nobody_${own}`;
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['add', login], /Say who they are/],
      [['add', login, '--name', 'N', '--role', 'boss'], /--role takes/],
      [['add', login, '--name', 'N', '--role', 'operator'], /limit for raises/],
      [['add', login, '--name', 'N', '--role', 'operator', '--limit-usd', 'much'], /--limit-usd/],
      [['add', login, '--name', 'N', '--role', 'viewer', '--limit-usd', '5'], /nobody else raises caps/],
      [['add', login, '--name', 'N', '--role', 'account_manager'], /list of clients/],
      [['add', login, '--name', 'N', '--role', 'viewer', '--clients', 'no-such'], /no client with the slug "no-such"/],
      [['add', login, '--name', 'N', '--role', 'admin', '--days', '0'], /1 to 3650 days/],
      [['add', login, '--name', 'a\nb', '--role', 'admin'], /can't be seen/],
      [['add', 'Robert"; drop', '--name', 'N', '--role', 'admin'], /A login is/],
      [['add', 'td_admin', '--name', 'N', '--role', 'admin'], /A login is/],
      [['token', login], /There is no operator/],
      [['disable', login], /There is no operator/],
    ];
    for (const [args, reason] of wrong) {
      const ran = await run('operators', args);
      expect(ran, args.join(' ')).toMatchObject({ code: 1, printed: '' });
      expect(ran.said).toMatch(reason);
    }
    const { rows } = await site.db.owner.query('select from pg_roles where rolname = $1', [login]);
    expect(rows).toEqual([]);
    const plain = { TENANTDESK_DATABASE_URL: site.db.ownerUrl };
    expect((await run('operators', ['add', login, '--name', 'N', '--role', 'admin'], { env: plain })).said).toMatch(
      /may not make roles[\s\S]*create role/,
    );
    const superuser = decodeURIComponent(new URL(site.db.superuserUrl).username);
    const asSuper = { TENANTDESK_DATABASE_URL: site.db.superuserUrl };
    expect(
      (await run('operators', ['add', superuser, '--name', 'N', '--role', 'admin'], { env: asSuper })).said,
    ).toMatch(/passes by row security/);
  });
});

const hex = (secret: string): string => createHash('sha256').update(secret).digest('hex');
