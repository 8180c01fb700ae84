/** What operators do to a client and its keys, as the client's calls feel it: at once, on every gateway. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientInput, createClientDesk, newSecret, partsOf, type ClientDesk } from '../testing/client-desk.ts';
import { makeOperator, type MadeOperator } from '../testing/factories.ts';
import { eventually } from '../testing/eventually.ts';
import type { Gateway } from './create-gateway.ts';
import { createTestSite, type TestSite } from './testing/test-gateway.ts';

let site: TestSite;
let gateways: Gateway[];
let desk: ClientDesk;
let admin: MadeOperator;

beforeAll(async () => {
  site = await createTestSite();
  gateways = [await site.startGateway({ name: 'one' }), await site.startGateway({ name: 'two' })];
  desk = createClientDesk(site.db);
  admin = await makeOperator(site.db, { role: 'admin' });
});
afterAll(() => site?.close());

interface Answer {
  readonly status: number;
  readonly code: unknown;
}

async function call(gateway: Gateway, secret: string): Promise<Answer> {
  const answer = await fetch(`${gateway.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', max_tokens: 10, messages: [{ role: 'user', content: '{"answer":5}' }] }),
  });
  const body = (await answer.json()) as { error?: { code?: unknown } };
  return { status: answer.status, code: body.error?.code };
}

/** Resolves when every gateway answers so, and goes on to. */
async function untilAll(secret: string, wanted: Partial<Answer>): Promise<void> {
  await Promise.all(
    gateways.map((gateway) =>
      eventually(async () => {
        expect(await call(gateway, secret)).toMatchObject(wanted);
      }),
    ),
  );
  for (const gateway of gateways) expect(await call(gateway, secret)).toMatchObject(wanted);
}

async function client(): Promise<{ tenantId: string; keyId: string; secret: string }> {
  const secret = newSecret();
  const made = await desk.create(admin, clientInput({ key: { name: 'website bot', ...partsOf(secret) } }));
  return { ...made, secret };
}

test('a new client’s first call passes, on its default workflow', async () => {
  const { tenantId, secret } = await client();
  await untilAll(secret, { status: 200 });
  await eventually(async () => {
    const { rows } = await site.db.owner.query<{ calls: number }>(
      `select count(*)::int as calls from platform.usage_records u join platform.workflows w
         on w.tenant_id = u.tenant_id and w.id = u.workflow_id and w.slug = 'default' where u.tenant_id = $1`,
      [tenantId],
    );
    expect(rows[0]!.calls).toBeGreaterThanOrEqual(2);
  });
});

test('a revoked key is refused with 401 key_revoked, another of the same client works', async () => {
  const { tenantId, keyId, secret } = await client();
  const other = newSecret();
  await desk.issue(admin, { tenantId, secret: other });
  await untilAll(secret, { status: 200 });
  await untilAll(other, { status: 200 });
  await desk.revoke(admin, { tenantId, keyId });
  await untilAll(secret, { status: 401, code: 'key_revoked' });
  expect(await call(gateways[0]!, other)).toMatchObject({ status: 200 });
});

test('of a rotated key both secrets work, the old one until its end', async () => {
  const { tenantId, keyId, secret } = await client();
  const next = newSecret();
  await untilAll(secret, { status: 200 });
  const { previousUntil } = await desk.rotate(admin, { tenantId, keyId, overlapSeconds: 2, secret: next });
  await untilAll(next, { status: 200 });
  expect(await call(gateways[1]!, secret)).toMatchObject({ status: 200 });
  await site.db.owner.query('select pg_sleep(greatest(0, extract(epoch from $1::timestamptz - clock_timestamp())))', [
    previousUntil,
  ]);
  await untilAll(secret, { status: 401, code: 'key_revoked' });
  expect(await call(gateways[0]!, next)).toMatchObject({ status: 200 });
});

test('rotated without overlap, the old secret is refused at once', async () => {
  const { tenantId, keyId, secret } = await client();
  await untilAll(secret, { status: 200 });
  await desk.rotate(admin, { tenantId, keyId, overlapSeconds: 0 });
  await untilAll(secret, { status: 401, code: 'key_revoked' });
});

test('a suspended client is refused with 403, and passes again when it is resumed', async () => {
  const { tenantId, secret } = await client();
  await untilAll(secret, { status: 200 });
  await desk.setStatus(admin, { tenantId, status: 'suspended' });
  await untilAll(secret, { status: 403, code: 'tenant_suspended' });
  await desk.setStatus(admin, { tenantId, status: 'active', version: 2 });
  await untilAll(secret, { status: 200 });
});

test.each(['revoked', 'suspended'] as const)(
  'a call whose body is still coming when it is %s is refused as well',
  async (what) => {
    const { tenantId, keyId, secret } = await client();
    await untilAll(secret, { status: 200 });
    const gateway = gateways[0]!;
    const body = JSON.stringify({
      model: 'gpt-4o',
      max_tokens: 10,
      messages: [{ role: 'user', content: '{"answer":5}' }],
    });
    const slow = request(`${gateway.address}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'content-length': body.length,
        expect: '100-continue',
      },
    });
    slow.flushHeaders();
    // The gateway has the head, and with it the key.
    await once(slow, 'continue');
    if (what === 'revoked') await desk.revoke(admin, { tenantId, keyId });
    else await desk.setStatus(admin, { tenantId, status: 'suspended' });
    await untilAll(secret, { status: what === 'revoked' ? 401 : 403 });
    slow.end(body);
    const [answer] = (await once(slow, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(what === 'revoked' ? 401 : 403);
  },
);
