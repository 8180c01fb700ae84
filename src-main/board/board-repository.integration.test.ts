import { expect, it } from 'vitest';
import { makeCap, makeOperator, makeTenant } from '../../src-platform/testing/factories.ts';
import { makeGrantDesk } from '../../src-platform/testing/grant-desk.ts';
import { ledgerRecord } from '../../src-platform/testing/ledger-record.ts';
import { createTestDatabase } from '../../src-platform/testing/test-database.ts';
import { createDatabase } from '../infra/postgres/database.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createBoardRepository } from './board-repository.ts';

it('reads the same figures alone as with the whole board', async () => {
  const db = await createTestDatabase();
  const tenant = await makeTenant(db);
  await makeCap(db, tenant.id, { limitNanoUsd: 10_000_000_000n });
  const unused = await makeTenant(db);
  const desk = await makeGrantDesk(db);
  await desk.ingest({
    records: [
      ledgerRecord(tenant.id, { cost_nanousd: 5_000_000, latency_ms: 900 }),
      ledgerRecord(tenant.id, { cost_nanousd: 7_000_000, outcome: 'provider_error' }),
    ],
  });
  const { url } = await makeOperator(db, { role: 'viewer' });
  const database = createDatabase(url, createFakeLogger());
  try {
    const repository = createBoardRepository(database);
    const whole = await repository.load();
    expect(whole.map(({ tenantId }) => tenantId).toSorted()).toEqual([tenant.id, unused.id].toSorted());
    const figures = await repository.figures();
    expect(figures).toEqual([
      expect.objectContaining({
        tenantId: tenant.id,
        chargedNanoUsd: 12_000_000n,
        spentTodayNanoUsd: 12_000_000n,
        burnNanoUsdPerDay: 12_000_000n,
        callsToday: 2,
        failedToday: 1,
        refusedLastHour: 0,
      }),
    ]);
    const { chargedNanoUsd, ...moved } = figures[0]!;
    const row = whole.find(({ tenantId }) => tenantId === tenant.id)!;
    expect(row).toMatchObject({ ...moved, cap: { chargedNanoUsd } });
    expect(Math.abs((moved.p95TodayMs ?? 0) - 900)).toBeLessThan(45);
  } finally {
    await database.close();
    await db.close();
  }
});
