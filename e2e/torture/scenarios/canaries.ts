import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../../src-main/infra/clock.ts';
import { createKnownSecrets } from '../../../src-main/infra/known-secrets.ts';
import { createJsonLogger } from '../../../src-main/infra/logger.ts';
import { createFakeKeychain } from '../../../src-main/testing/fake-keychain.ts';
import { openTestConsole } from '../../../src-main/testing/test-console.ts';
import { encryptProviderCredential } from '../../../src-platform/local/provider-credential.ts';
import { makeOperator, makeTenant } from '../../../src-platform/testing/factories.ts';
import { createSearch, ENCODINGS, makeCanary, type Canary } from '../canaries/canary.ts';
import { startEchoingServers } from '../canaries/echoing-servers.ts';
import { browserShell } from '../hostile/hostile-lines.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

/** Of a round: two logins (tried, then kept), a passphrase that is right, one that is wrong, a key made and one changed, a provider's credential. */
const A_ROUND = 9;

const answerWithSecret = z.object({ p: z.object({ b: z.object({ json: z.object({ secret: z.string() }) }) }) });

/** Secrets are put wherever operators put them, against servers that say them back; then everything that was written or said is searched. */
export async function canaries(scene: DatabaseScene): Promise<Figures> {
  const { db, scale, say, signal } = scene;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tenantdesk-canaries-'));
  const echoing = await startEchoingServers();
  const tenant = await makeTenant(db);
  const admin = await makeOperator(db, { role: 'admin' });
  const made: Canary[] = [];
  const log: string[] = [];
  const frames: string[] = [];
  const secrets = createKnownSecrets();
  const plant = (kind: string, plain = false): string => {
    const canary = makeCanary(kind, plain);
    made.push(canary);
    return canary.text;
  };
  const target = (password: string, token: string) => ({
    name: `Ours ${randomUUID().slice(0, 8)}`,
    kind: 'production',
    colour: 'teal',
    database: {
      host: '127.0.0.1',
      port: echoing.databasePort,
      name: 'tenantdesk',
      login: 'asha',
      password,
      tls: 'none',
    },
    gateway: { url: echoing.gatewayUrl, token },
  });

  for (let round = 0; made.length < scale.canaries; round += 1) {
    signal.throwIfAborted();
    const before = made.length;
    const keptBy = path.join(folder, `console-${round}`);
    const console = await openTestConsole({
      ...admin,
      gatewayToken: plant('gateway token of the open platform', true),
      gatewayUrl: echoing.gatewayUrl,
      folder: keptBy,
      keychain: createFakeKeychain(),
      log: createJsonLogger((line) => log.push(line), systemClock, secrets),
      secrets,
    });
    const shell = await browserShell(console.console.router);
    const waiting = new Map<string, (text: string) => void>();
    const line = await shell.dial((text) => {
      const { i } = z.object({ i: z.string() }).parse(JSON.parse(text));
      const answered = waiting.get(i);
      // The one exception: what was asked for a secret is told it, once.
      if (!answered || !i.startsWith('secret')) frames.push(text);
      answered?.(text);
    });
    /** `last`: which of its answers ends it; the first one when absent. */
    const call = (id: string, url: string, input: object, last = (_text: string): boolean => true): Promise<string> => {
      const answer = Promise.withResolvers<string>();
      waiting.set(id, (text) => {
        if (last(text)) answer.resolve(text);
      });
      line.send(JSON.stringify({ i: id, p: { u: url, b: { json: input } } }));
      return answer.promise;
    };
    line.send('{"i":"access","p":{"u":"/profiles/watch","b":{}}}');
    line.send('{"i":"session","p":{"u":"/session/watch","b":{}}}');
    const passphrase = plant('passphrase');
    await call('set up', '/vault/setUp', { passphrase, keychain: false });
    const over = (text: string): boolean => text.includes('"over":true');
    await call(
      'tried',
      '/profiles/test',
      target(plant('database password tried'), plant('gateway token tried', true)),
      over,
    );
    await call(
      'kept',
      '/profiles/connect',
      target(plant('database password refused'), plant('gateway token refused', true)),
      over,
    );
    // Broken on purpose: what is refused as input is not told back either.
    await call('broken', '/profiles/test', {
      ...target(plant('database password in broken input'), 'é'),
      colour: passphrase,
    });
    const issued = await call('secret issue', '/keys/issue', {
      tenantId: tenant.id,
      name: `bot ${round}`,
      workflowId: null,
      idempotencyKey: randomUUID(),
    });
    made.push({ kind: 'gateway key made', text: answerWithSecret.parse(JSON.parse(issued)).p.b.json.secret });
    const credential = plant('provider credential');
    await db.owner.query(
      `insert into platform.providers (id, base_url, credential_ciphertext) values ($1, 'http://127.0.0.1:9', $2)
       on conflict (id) do update set credential_ciphertext = excluded.credential_ciphertext`,
      [`canary-${round % 20}`, encryptProviderCredential(credential, Buffer.alloc(32, round).toString('base64'))],
    );
    await call('lock', '/vault/lock', {});
    await call('wrong', '/vault/unlock', { way: 'passphrase', passphrase: plant('passphrase, wrong') });
    await call('right', '/vault/unlock', { way: 'passphrase', passphrase });
    await call('audit', '/audit/list', { limit: 200 });
    await call('keys', '/keys/list', { tenantId: tenant.id });
    // The exports read the same; one in ten rounds is enough of them.
    if (round % 10 === 0) await exportAudit(call);
    line.end();
    await shell.close();
    await console.console.close();
    if (made.length - before < A_ROUND) throw new Error(`A round planted ${made.length - before} canaries only.`);
  }
  await echoing.close();

  const search = createSearch(made);
  const places: (readonly [string, Buffer | string])[] = [
    ['answers to the window', frames.join('\n')],
    ['log', log.join('')],
    ['report of a crash', JSON.stringify(process.report.getReport())],
    ...commandLines(),
    ...files(folder),
    ...(await tables(db.connect(db.superuserUrl))),
  ];
  let bytes = 0;
  const found = places.flatMap(([place, content]) => {
    bytes += content.length;
    return search(place, content);
  });
  for (const { canary, encoding, place } of found) scene.broken(`a ${canary.kind} lies in ${place}, as ${encoding}`);
  // Who finds nothing has to show that there was something to be found.
  const seen = createSearch([
    { kind: 'proof', text: 'Ours ' },
    { kind: 'proof', text: tenant.id },
  ]);
  if (seen('log and answers', frames.join('\n')).length === 0) throw new Error('The search finds nothing at all.');
  rmSync(folder, { recursive: true, force: true });
  say(
    `${log.length} lines of log, ${frames.length} answers, ${places.length} places, ${Math.round(bytes / 2 ** 20)} MiB`,
  );
  const ways = Object.keys(ENCODINGS).length;
  const conditions = `${made.length} secrets in ${ways} encodings, ${places.length} places, ${Math.round(bytes / 2 ** 20)} MiB`;
  return { 'canaries-found': none(found.length, 'secrets outside the vault', conditions) };
}

async function exportAudit(call: (id: string, url: string, input: object) => Promise<string>): Promise<void> {
  for (const format of ['csv', 'jsonl']) {
    await call(`audit ${format}`, '/audit/export', { format, filter: {}, idempotencyKey: randomUUID() });
  }
}

/** Of this process and of all that it may see. */
function commandLines(): (readonly [string, Buffer])[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [[`command line of process ${pid}`, readFileSync(`/proc/${pid}/cmdline`)] as const];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

function files(folder: string): (readonly [string, Buffer])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [`file ${entry.name}`, readFileSync(path.join(entry.parentPath, entry.name))] as const);
}

/** Every row of every table, as text. */
async function tables(superuser: DatabaseScene['db']['owner']): Promise<(readonly [string, string])[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `select relname as name from pg_class join pg_namespace n on n.oid = relnamespace
      where nspname = 'platform' and relkind = 'r' order by 1`,
  );
  const read: (readonly [string, string])[] = [];
  for (const { name } of rows) {
    const { rows: all } = await superuser.query<{ row: string }>(`select t::text as row from platform."${name}" t`);
    read.push([`table ${name}`, all.map(({ row }) => row).join('\n')]);
  }
  return read;
}
