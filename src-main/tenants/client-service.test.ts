import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CreateTenantInput } from '../contract/tenants.ts';
import { createKeySecrets } from '../infra/key-secrets.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { fakeId } from '../testing/fake-tenants.ts';
import type { ClientRepository } from './client-repository.ts';
import { createClientService } from './client-service.ts';

type Sent = Parameters<ClientRepository['create']>[0];

function setUp(over: Partial<ClientRepository> = {}) {
  const sent: Sent[] = [];
  const changed: string[] = [];
  const repository: ClientRepository = {
    plans: async () => [],
    timeZones: async () => ['Asia/Kolkata', 'Etc/GMT+5', 'US/Pacific', 'UTC', 'Antarctica/Atlantis'],
    async create(client) {
      sent.push(client);
      return { tenantId: fakeId(1, 0), keyId: fakeId(2, 0) };
    },
    setStatus: () => Promise.reject(new OperatorError('CONFLICT', 'Changed meanwhile.')),
    ...over,
  };
  const secrets = createKeySecrets({ randomBytes, clock: createFakeClock() });
  return { service: createClientService(repository, secrets, (tenantId) => changed.push(tenantId)), sent, changed };
}

const client: CreateTenantInput = {
  name: 'Clinic B',
  slug: 'clinic-b',
  currency: 'INR',
  timeZone: 'Asia/Kolkata',
  plan: 'pro',
  capNanoUsd: 25_000_000_000n,
  thresholds: [95, 50, 95],
  keyName: 'website bot',
  idempotencyKey: fakeId(4, 0),
};

describe('a new client', () => {
  it('is sent with the digest of a secret, never with the secret, and its row is read at once', async () => {
    const { service, sent, changed } = setUp();
    const made = await service.create(client);
    expect(made.secret).toMatch(/^td_/);
    expect(sent).toMatchObject([{ name: 'Clinic B', thresholds: [50, 95], last4: made.secret.slice(-4) }]);
    expect(Object.values(sent[0] ?? {})).not.toContain(made.secret);
    expect(changed).toEqual([made.tenantId]);
  });

  it.each([
    ['currency', { currency: 'ABC' }, /no currency "ABC"/],
    ['zone', { timeZone: 'Asia/Atlantis' }, /no time zone "Asia\/Atlantis"/],
  ])('with an unknown %s is refused before the database is asked', async (_what, change, sentence) => {
    const { service, sent } = setUp();
    await expect(service.create({ ...client, ...change })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringMatching(sentence),
    });
    expect(sent).toEqual([]);
  });

  it('has places to choose from that both sides know', async () => {
    expect((await setUp().service.choices()).timeZones).toEqual(['Asia/Kolkata', 'UTC']);
  });
});

it('a status that somebody changed meanwhile is read again', async () => {
  const { service, changed } = setUp();
  const input = {
    tenantId: fakeId(1, 0),
    status: 'suspended',
    expectedVersion: 1,
    idempotencyKey: fakeId(4, 1),
  } as const;
  await expect(service.setStatus(input)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(changed).toEqual([input.tenantId]);
});
