/** A console and a platform that speak TLS: a real PostgreSQL with certificates of its own, a gateway behind a TLS front. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type PostgresServer } from '../../src-platform/local/postgres-server.ts';
import { eventually } from '../../src-platform/testing/eventually.ts';
import { makeOperator, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { prepareTestCluster } from '../../src-platform/testing/test-cluster.ts';
import { createTestDatabase } from '../../src-platform/testing/test-database.ts';
import type { PartResult, PlatformPart, ProfileEntered } from '../contract/profiles.ts';
import { nextState } from '../testing/next-state.ts';
import { connectionTo, openRemotePlatform, type RemotePlatform } from '../testing/remote-platform.ts';
import { makeAuthority } from '../testing/test-certificates.ts';
import { trialOf } from '../testing/trial-of.ts';
import { startTlsFront, type TlsFront } from '../testing/tls-front.ts';

const AGO = (hours: number): Date => new Date(Date.now() - hours * 3_600_000);

const ours = makeAuthority('Our own CA');
const others = makeAuthority('Another CA');
/** Both are of `localhost` alone: 127.0.0.1 is another name. */
const server = ours.issue({ subject: 'db', hosts: ['localhost'] });

const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-tls-'));
const at = (name: string): string => path.join(folder, name);
const closing: (() => Promise<unknown> | void)[] = [];
let postgres: PostgresServer;
let platform: RemotePlatform;
/** Is let in with a client certificate of its name alone. */
let carded: MadeOperator;
let front: TlsFront;
/** Wants a client certificate too. */
let strict: TlsFront;

function presents({ certificate, key }: { certificate: string; key: string }): void {
  writeFileSync(at('server.key'), key, { mode: 0o600 });
  writeFileSync(at('server.crt'), certificate, { mode: 0o600 });
}

beforeAll(async () => {
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  presents(server);
  writeFileSync(at('ca.crt'), ours.certificate, { mode: 0o600 });
  writeFileSync(at('hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n', { mode: 0o600 });
  postgres = await startPostgres({
    dataFolder: at('postgres'),
    durable: false,
    settings: {
      ssl: 'on',
      ssl_cert_file: at('server.crt'),
      ssl_key_file: at('server.key'),
      ssl_ca_file: at('ca.crt'),
      hba_file: at('hba.conf'),
    },
  });
  closing.push(() => postgres.child.stop());
  const cluster = { superuserUrl: postgres.superuserUrl, password: 'of-the-test' };
  await prepareTestCluster(cluster);
  platform = await openRemotePlatform(await createTestDatabase(cluster));
  closing.push(() => platform.close());
  carded = await makeOperator(platform.db, { role: 'viewer', name: 'Ravi Iyer' });
  writeFileSync(
    at('hba.conf'),
    `hostssl all ${carded.login} 127.0.0.1/32 scram-sha-256 clientcert=verify-full\nhost all all 127.0.0.1/32 scram-sha-256\n`,
  );
  await reload();
  const { certificate: cert, key } = server;
  front = await startTlsFront(platform.gateway.url, { cert, key });
  strict = await startTlsFront(platform.gateway.url, { cert, key, ca: ours.certificate, requestCert: true });
  closing.push(
    () => front.close(),
    () => strict.close(),
  );
}, 120_000);
afterEach(() => platform.closeConsoles());
afterAll(async () => {
  for (let last = closing.pop(); last; last = closing.pop()) await last();
});

async function reload(): Promise<void> {
  const { db } = platform;
  await db.connect(db.superuserUrl).query('select pg_reload_conf()');
}

type Target = NonNullable<Parameters<typeof connectionTo>[1]>;

function target(over: Target & { who?: MadeOperator } = {}): ProfileEntered {
  return connectionTo(platform, {
    url: over.who?.url,
    database: { host: 'localhost', tls: 'verify', ca: ours.certificate, ...over.database },
    gateway: { url: `https://localhost:${front.port}`, ca: ours.certificate, ...over.gateway },
  });
}

async function tried(entered: ProfileEntered): Promise<PartResult[]> {
  const { client, log } = await platform.console();
  const { parts } = await trialOf(client.profiles.test(entered));
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  return parts;
}
const sentenceOf = (parts: readonly PartResult[], part: PlatformPart): string | undefined =>
  parts.find((one) => one.part === part)?.sentence;
const outcomes = (parts: readonly PartResult[]): Record<string, string> =>
  Object.fromEntries(parts.map(({ part, outcome }) => [part, outcome]));

describe('certificates of an authority of one’s own', () => {
  it('are checked with name, and the whole platform is reached encrypted', async () => {
    const { client } = await platform.console();
    await client.vault.setUp({ passphrase: null, keychain: true });
    const { parts, id } = await trialOf(client.profiles.connect(target()));
    expect(parts.filter(({ outcome }) => outcome !== 'fine')).toEqual([]);
    expect(sentenceOf(parts, 'tls')).toMatch(/certificate is that of localhost, valid until/);
    expect(id).not.toBeNull();
    await nextState(
      await client.session.watch(),
      (told) => told.operator !== null && told.database.state === 'live' && told.gateway.state === 'live',
    );
    const { db, operator } = platform;
    const { rows } = await db
      .connect(db.superuserUrl)
      .query(
        `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'tenantdesk-console' and usename = $1 and datname = current_database() and ssl`,
        [operator.login],
      );
    expect(rows.length).toBeGreaterThan(0);
  });

  it.each<[string, () => ProfileEntered, PlatformPart, RegExp]>([
    [
      'no authority of ours is known to this computer',
      () => target({ database: { ca: null } }),
      'tls',
      /"Our own CA" that this computer does not know.*give its certificate/,
    ],
    [
      'another authority was given',
      () => target({ database: { ca: others.certificate } }),
      'tls',
      /"Our own CA", which is not the certificate authority that was given/,
    ],
    [
      'another name than the certificate’s',
      () => target({ database: { host: '127.0.0.1' } }),
      'tls',
      /not made out to this name\. It is made out to localhost/,
    ],
    [
      'the same at the gateway',
      () => target({ gateway: { url: `https://127.0.0.1:${front.port}` } }),
      'gateway',
      /not made out to this name\. It is made out to localhost/,
    ],
    [
      'another authority at the gateway',
      () => target({ gateway: { ca: others.certificate } }),
      'gateway',
      /not the certificate authority that was given/,
    ],
    [
      'a plain port in its place',
      () => target({ gateway: { url: platform.gateway.url.replace('http', 'https') } }),
      'gateway',
      /does not speak TLS/,
    ],
    [
      'a login that is let in with a certificate only',
      () => target({ who: carded }),
      'login',
      /with a client certificate only/,
    ],
    [
      'a certificate of another login',
      () => target({ who: carded, database: ours.issue({ subject: 'somebody else' }) }),
      'login',
      /not accepted, .* or the client certificate is not made out to it/,
    ],
    [
      'a certificate of another authority',
      () => target({ who: carded, database: others.issue({ subject: carded.login }) }),
      'login',
      /issued by another authority|may not accept the client certificate/,
    ],
    [
      'a gateway that wants a client certificate',
      () => target({ gateway: { url: `https://localhost:${strict.port}` } }),
      'gateway',
      /without a client certificate|does not accept the client certificate/,
    ],
  ])('%s: the part that fails says so and what to do', async (_what, entered, part, sentence) => {
    const parts = await tried(entered());
    expect(outcomes(parts)[part]).toBe('failed');
    expect(sentenceOf(parts, part)).toMatch(sentence);
  });

  it('with a client certificate of this login, and one for the gateway, all of it is fine', async () => {
    const own = ours.issue({ subject: carded.login });
    const parts = await tried(
      target({ who: carded, database: own, gateway: { url: `https://localhost:${strict.port}`, ...own } }),
    );
    expect(parts.filter(({ outcome }) => outcome !== 'fine')).toEqual([]);
  });

  it('under another address the name is given besides', async () => {
    const parts = await tried(
      target({
        database: { host: '127.0.0.1', serverName: 'localhost' },
        gateway: { url: `https://127.0.0.1:${front.port}`, serverName: 'localhost' },
      }),
    );
    expect(parts.filter(({ outcome }) => outcome !== 'fine')).toEqual([]);
  });
});

describe('weaker ways', () => {
  it('work when they are asked for, and say what they don’t check', async () => {
    const nameless = await tried(
      target({ database: { host: '127.0.0.1', tls: 'verify_ca' }, gateway: { tls: 'encrypt', ca: null } }),
    );
    expect(outcomes(nameless)).toMatchObject({
      tls: 'warned',
      login: 'fine',
      gateway: 'warned',
      same_platform: 'fine',
    });
    expect(sentenceOf(nameless, 'tls')).toMatch(/was not checked/);
    expect(sentenceOf(nameless, 'gateway')).toMatch(/whoever answers is believed/);
    const anybody = await tried(target({ database: { tls: 'encrypt', ca: null } }));
    expect(outcomes(anybody)).toMatchObject({ tls: 'warned', login: 'fine' });
  });

  it('still refuse another authority where one is to be checked', async () => {
    const parts = await tried(target({ database: { tls: 'verify_ca', ca: others.certificate } }));
    expect(outcomes(parts)['tls']).toBe('failed');
  });
});

describe('what was pasted', () => {
  const own = ours.issue({ subject: 'asha' });
  it.each<[string, object, RegExp]>([
    ['no certificate', { ca: 'certificate' }, /certificate authority of the database is no certificate/],
    ['a key in the certificate’s place', { ca: own.key }, /has a private key in it/],
    ['a certificate without its key', { certificate: own.certificate }, /has no key with it/],
    ['a key without its certificate', { key: own.key }, /has no certificate with it/],
    ['the key of another', { ...own, key: ours.issue({ subject: 'x' }).key }, /not the one of its certificate/],
    [
      'a locked key',
      { ...own, key: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n-----END ENCRYPTED PRIVATE KEY-----' },
      /locked by a passphrase of its own/,
    ],
    ['no authority where its certificate alone is checked', { tls: 'verify_ca', ca: null }, /proves nothing/],
  ])('%s is refused before anything is sent', async (_what, database, sentence) => {
    const { client } = await platform.console();
    await expect(client.profiles.test(target({ database }))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(sentence),
    });
  });
});

it('an expired certificate is told as that, in the test and while the platform is open', async () => {
  const { client } = await platform.console();
  await client.vault.setUp({ passphrase: null, keychain: true });
  const { id } = await trialOf(client.profiles.connect(target()));
  presents(ours.issue({ subject: 'db', hosts: ['localhost'], validity: [AGO(48), AGO(24)] }));
  await reload();
  try {
    await eventually(async () => {
      const { parts } = await trialOf(client.profiles.test(target()));
      expect(outcomes(parts)['tls']).toBe('failed');
      expect(sentenceOf(parts, 'tls')).toMatch(/has expired \(the server's on .*\)\. Whoever runs the server/);
    });
    await client.profiles.open({ id: id! });
    const session = await nextState(await client.session.watch(), ({ database }) => database.state === 'away');
    expect(session.database.reason).toMatch(/certificate of the database.*has expired/);
  } finally {
    presents(server);
    await reload();
  }
});
