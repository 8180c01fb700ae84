/** Clients that leave before their call was sent to a provider: it is not sent, costs nothing, and nothing of it stays held. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAuthority } from '../../src-main/testing/test-certificates.ts';
import { eventually } from '../testing/eventually.ts';
import { makePrice } from '../testing/factories.ts';
import type { Gateway } from './create-gateway.ts';
import { requestText } from './testing/misframed-requests.ts';
import { openRawClient, type RawClient } from './testing/raw-client.ts';
import { chatAgain, knownAt, ledgerOf, makeCappedTenant, type TestTenant } from './testing/tenant-calls.ts';
import { createTestSite, seal, type TestSite } from './testing/test-gateway.ts';

const TOKEN = 'm'.repeat(40);
const OVER_TLS = 'sold-over-tls';

let site: TestSite;
let gateway: Gateway;
const trusted = tls.getCACertificates();

/** A provider that is slow to shake hands: connections wait until they are led on. */
const dialled: Socket[] = [];
let dialledServer: net.Server;
let secure: tls.Server;
let securelyAsked = 0;

beforeAll(async () => {
  const authority = makeAuthority('Test authority');
  tls.setDefaultCACertificates([authority.certificate]);
  const http = createServer((request, response) => {
    securelyAsked += 1;
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } }));
  });
  const { certificate, key } = authority.issue({ subject: 'provider', hosts: ['127.0.0.1'] });
  secure = tls.createServer({ cert: certificate, key }, (socket) => http.emit('connection', socket));
  dialledServer = net.createServer((socket) => {
    socket.on('error', () => undefined);
    dialled.push(socket);
  });
  dialledServer.listen(0, '127.0.0.1');
  await once(dialledServer, 'listening');
  site = await createTestSite();
  const url = `https://127.0.0.1:${(dialledServer.address() as AddressInfo).port}/v1`;
  await site.db.owner.query(
    'insert into platform.providers (id, base_url, credential_ciphertext) values ($1, $2, $3)',
    ['over-tls', url, seal(site.credentialKey, 'sk-tls')],
  );
  await makePrice(site.db, { provider: 'over-tls', model: OVER_TLS });
  gateway = await site.startGateway({ metricsToken: TOKEN });
});
afterAll(async () => {
  await site?.close();
  for (const socket of dialled) socket.destroy();
  dialledServer?.close();
  tls.setDefaultCACertificates(trusted);
});

async function call(tenant: TestTenant, model: string): Promise<RawClient> {
  const body = JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: '{"answer":1}' }] });
  const client = await openRawClient(gateway.address);
  client.socket.write(requestText(tenant.key, [`content-length: ${body.length}`], body));
  return client;
}

/** The client is gone, and the gateway heard of it: it answers somebody who asked later. */
async function leave(client: RawClient): Promise<void> {
  client.socket.destroy();
  await client.closed;
  await (await fetch(`${gateway.address}/healthz`)).text();
}

async function metric(name: string): Promise<number> {
  const answer = await fetch(`${gateway.address}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text())?.[1]);
}

const noneIsOpen = (): Promise<void> =>
  eventually(async () => {
    expect(await metric('tenantdesk_open_calls')).toBe(0);
  });

async function tenantOfCap(): Promise<TestTenant> {
  const tenant = await makeCappedTenant(site.db, 1_000_000_000n);
  await knownAt(gateway.address, tenant.key);
  return tenant;
}

test('while its budget is asked for', async () => {
  const [tenant, other] = [await tenantOfCap(), await tenantOfCap()];
  // The provider is connected to: nothing but the client's absence keeps the call.
  await (await chatAgain(gateway.address, other.key)).arrayBuffer();
  const blocker = site.db.connect(site.db.superuserUrl, 1);
  await blocker.query('begin');
  await blocker.query('lock table platform.cap_periods in exclusive mode');
  const client = await call(tenant, 'gpt-4o');
  await eventually(async () => {
    const { rowCount } = await site.db.owner.query(
      "select from pg_locks where relation = 'platform.cap_periods'::regclass and not granted",
    );
    expect(rowCount).toBeGreaterThan(0);
  });
  await leave(client);
  await blocker.query('rollback');
  // One that waits in the same line, behind it.
  const answer = await chatAgain(gateway.address, tenant.key);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  await noneIsOpen();
  expect(site.provider.requests).toHaveLength(2);
  await eventually(async () => expect(await ledgerOf(site.db, tenant.id)).toHaveLength(1));
  expect(await metric('tenantdesk_unsent_total'), 'no provider failed').toBe(0);
});

test('while the provider is connected to', async () => {
  const tenant = await tenantOfCap();
  const client = await call(tenant, OVER_TLS);
  await eventually(() => expect(dialled).toHaveLength(1));
  await leave(client);
  // Nobody shakes hands any more; if somebody does, the call comes.
  for (const socket of dialled.splice(0)) secure.emit('connection', socket);
  await noneIsOpen();
  expect(securelyAsked).toBe(0);
  expect(await ledgerOf(site.db, tenant.id)).toEqual([]);
  expect(await metric('tenantdesk_unsent_total')).toBe(0);

  // One whose client stays is sent.
  const staying = await call(tenant, OVER_TLS);
  await eventually(() => expect(dialled).toHaveLength(1));
  for (const socket of dialled.splice(0)) secure.emit('connection', socket);
  await eventually(() => expect(staying.statuses).toEqual([200]));
  expect(securelyAsked).toBe(1);
  staying.socket.destroy();
});
