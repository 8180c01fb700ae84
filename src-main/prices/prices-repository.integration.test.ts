import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeOperator, makePrice, makeTenant } from '../../src-platform/testing/factories.ts';
import { makeGrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { createTestDatabase } from '../../src-platform/testing/test-database.ts';
import { createDatabase } from '../infra/postgres/database.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createPricesRepository } from './prices-repository.ts';

it('lists models without a price with who asked, only of one’s own clients, until there is a price', async () => {
  const db = await createTestDatabase();
  const own = await makeTenant(db, { name: 'Own' });
  const other = await makeTenant(db, { name: 'Other' });
  const desk = await makeGrantDesk(db);
  const ask = async (tenantId: string, model: string, at: string): Promise<void> => {
    const requestId = randomUUID();
    const facts = { tenant_id: tenantId, request_id: requestId };
    await desk.ingest({
      refusals: [{ ...facts, refused_at: at, http_status: 400, type: 'unpriced_model', code: 'unpriced_model' }],
      unpriced: [{ ...facts, provider: 'openai', model, seen_at: at }],
    });
  };
  await ask(own.id, 'acme-9', '2026-11-20T10:00:00Z');
  await ask(own.id, 'acme-9', '2026-11-20T12:00:00Z');
  await ask(own.id, 'acme-10', '2026-11-20T11:00:00Z');
  await ask(other.id, 'acme-9', '2026-11-20T13:00:00Z');
  const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [own.id] });
  const viewer = await makeOperator(db, { role: 'viewer' });
  const managers = createDatabase(manager.url, createFakeLogger());
  const viewers = createDatabase(viewer.url, createFakeLogger());
  try {
    const mine = createPricesRepository(managers);
    const line = { tenantId: own.id, tenantName: 'Own', provider: 'openai' };
    const first = new Date('2026-11-20T10:00:00Z');
    const last = new Date('2026-11-20T12:00:00Z');
    expect(await mine.unpriced()).toMatchObject({
      more: false,
      models: [
        { ...line, model: 'acme-9', calls: 2, firstAskedAt: first, lastAskedAt: last },
        { ...line, model: 'acme-10', calls: 1 },
      ],
    });
    await makePrice(db, { model: 'acme-9' });
    expect((await mine.unpriced()).models).toMatchObject([{ model: 'acme-10' }]);
    expect((await createPricesRepository(viewers).unpriced()).models).toHaveLength(1);
  } finally {
    await managers.close();
    await viewers.close();
    await db.close();
  }
});
