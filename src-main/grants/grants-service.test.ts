import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrphanedGrants } from '../contract/grants.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createFakeClock, settle, type FakeClock } from '../testing/fake-clock.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { createFakePlatform } from '../testing/fake-platform.ts';
import { fakeId } from '../testing/fake-tenants.ts';
import type { OrphanedRow } from './grants-repository.ts';
import { createGrantsService, type GrantsService } from './grants-service.ts';

let clock: FakeClock;
let log: FakeLogger;
let platform: ReturnType<typeof createFakePlatform>;
let rows: OrphanedRow[];
let fault: Error | undefined;
let grants: GrantsService;

const orphan = (heldNanoUsd = 5n): OrphanedRow => ({
  tenantId: fakeId(1, 1),
  tenantName: 'Clinic B',
  grantId: fakeId(3, 1),
  gatewayName: 'eu-1',
  heardAt: new Date('2026-11-20T08:02:00Z'),
  heldNanoUsd,
});

beforeEach(() => {
  clock = createFakeClock();
  log = createFakeLogger();
  platform = createFakePlatform(() => clock.now());
  rows = [];
  fault = undefined;
  grants = createGrantsService({
    repository: {
      async orphaned() {
        if (fault) throw fault;
        return { rows, asOf: clock.now() };
      },
      async release() {
        if (rows.length === 0) throw new OperatorError('CONFLICT', 'This grant is released already.');
        rows = [];
        return { gatewayName: 'eu-1', releasedNanoUsd: 5n, releasedAt: clock.now() };
      },
    },
    changes: platform.changes,
    clock,
    log,
  });
});

afterEach(() => {
  grants.close();
  expect(clock.timers).toBe(0);
});

async function told(): Promise<OrphanedGrants> {
  await settle();
  const stream = grants.watchOrphaned();
  const { value } = await stream.next();
  await stream.return();
  return value as OrphanedGrants;
}

describe('orphaned grants', () => {
  it('are not known before the database has answered', async () => {
    expect(await told()).toEqual({ grants: [], asOf: null });
    platform.notify({ kind: 'resync' });
    expect(await told()).toEqual({ grants: [], asOf: clock.now() });
  });

  it('appear by themselves, with the time until which they may still be spent', async () => {
    rows = [orphan()];
    await clock.advance(5_000);
    const { heardAt, ...row } = orphan();
    expect(await told()).toMatchObject({
      grants: [{ ...row, silentSince: heardAt, spentUntil: new Date('2026-11-20T08:12:00Z') }],
    });
  });

  it('are told once while nothing changes, and again when an amount does', async () => {
    rows = [orphan()];
    await clock.advance(5_000);
    const before = await told();
    await clock.advance(20_000);
    expect(await told()).toBe(before);
    rows = [orphan(4n)];
    await clock.advance(5_000);
    expect((await told()).grants[0]?.heldNanoUsd).toBe(4n);
  });

  it('are gone as soon as one is released', async () => {
    rows = [orphan()];
    await clock.advance(5_000);
    const change = { tenantId: fakeId(1, 1), grantId: fakeId(3, 1), idempotencyKey: fakeId(4, 1) };
    expect(await grants.release(change)).toEqual({
      tenantId: change.tenantId,
      grantId: change.grantId,
      gatewayName: 'eu-1',
      releasedNanoUsd: 5n,
      releasedAt: clock.now(),
    });
    expect((await told()).grants).toEqual([]);
    await expect(grants.release(change)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('stay as they were while the database is away; a defect is logged', async () => {
    rows = [orphan()];
    await clock.advance(5_000);
    fault = new OperatorError('UNAVAILABLE', 'away');
    await clock.advance(5_000);
    expect(log.lines).toEqual([]);
    fault = new TypeError('no such column');
    await clock.advance(5_000);
    expect(log.lines).toMatchObject([{ level: 'error' }]);
    expect((await told()).grants).toHaveLength(1);
  });
});
