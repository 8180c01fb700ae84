import { describe, expect, it } from 'vitest';
import type { ChangeCapInput } from '../contract/caps.ts';
import { OperatorError, PlatformRefusal } from '../infra/operator-error.ts';
import { fakeId } from '../testing/fake-tenants.ts';
import type { AddOverride, CapsRepository, SetCap, UndoCap } from './caps-repository.ts';
import { createCapsService } from './caps-service.ts';

const USD = 1_000_000_000n;
const changedAt = new Date('2026-11-20T09:00:00Z');

/** What the database answers to a change of a cap that has an override of 5 USD. */
function answered(version: number, limitNanoUsd: bigint) {
  return {
    capId: fakeId(2, 0),
    version: version + 1,
    limitNanoUsd,
    previousLimitNanoUsd: 25n * USD,
    inForceNanoUsd: limitNanoUsd + 5n * USD,
    chargedNanoUsd: 24n * USD,
    warning: null,
    changedAt,
    waiting: null,
  };
}

/** One cap of 25 USD at version 3, which was 20 USD in version 2. */
function setUp(over: Partial<CapsRepository> = {}) {
  const sent: SetCap[] = [];
  const undone: UndoCap[] = [];
  const added: AddOverride[] = [];
  const refreshed: string[] = [];
  const repository: CapsRepository = {
    find: async () => ({
      version: 3,
      limitNanoUsd: 25n * USD,
      overrideNanoUsd: 5n * USD,
      changedBy: 'Vikram',
      changedAt,
    }),
    limitInVersion: async (_tenant, _cap, version) => (version === 2 ? 20n * USD : undefined),
    async setCap(change) {
      sent.push(change);
      return { ...answered(change.expectedVersion, change.limitNanoUsd), undoSeconds: 30 };
    },
    async undoCapChange(undo) {
      undone.push(undo);
      return { ...answered(undo.version, 20n * USD), undoSeconds: null };
    },
    async addOverride(change) {
      added.push(change);
      const { amountNanoUsd, expectedVersion } = change;
      return { ...answered(expectedVersion, 25n * USD), overrideId: fakeId(5, 0), amountNanoUsd, endsAt: changedAt };
    },
    async removeOverride({ overrideId }) {
      return { ...answered(3, 25n * USD), overrideId, amountNanoUsd: 5n * USD, endsAt: null };
    },
    overrides: async () => [],
    ...over,
  };
  return {
    service: createCapsService(repository, (tenantId) => refreshed.push(tenantId)),
    sent,
    undone,
    added,
    refreshed,
  };
}

const click: ChangeCapInput = {
  tenantId: fakeId(1, 0),
  capId: fakeId(2, 0),
  expectedVersion: 3,
  idempotencyKey: fakeId(4, 0),
  change: { kind: 'percent', percent: 10 },
};

describe('a cap change', () => {
  it('by percent counts from the limit the operator saw', async () => {
    const { service, sent, refreshed } = setUp();
    const answer = await service.change(click);
    expect(sent).toMatchObject([{ limitNanoUsd: 27_500_000_000n, expectedVersion: 3, reason: null }]);
    expect(answer).toEqual({
      tenantId: click.tenantId,
      capId: click.capId,
      version: 4,
      limitNanoUsd: 27_500_000_000n,
      previousLimitNanoUsd: 25n * USD,
      overrideNanoUsd: 5n * USD,
      committedNanoUsd: 24n * USD,
      warning: null,
      waiting: null,
      changedAt,
      undoForMs: 30_000,
    });
    expect(refreshed).toEqual([click.tenantId]);
  });

  it('to a value is sent as it was entered', async () => {
    const { service, sent } = setUp();
    await service.change({ ...click, change: { kind: 'set', limitNanoUsd: 1n }, reason: 'Asked by phone' });
    expect(sent).toMatchObject([{ limitNanoUsd: 1n, reason: 'Asked by phone' }]);
  });

  it('sent again with an older version is the same change: the database knows the key', async () => {
    const { service, sent } = setUp();
    await service.change({ ...click, expectedVersion: 2 });
    expect(sent).toMatchObject([{ limitNanoUsd: 22n * USD, expectedVersion: 2, idempotencyKey: click.idempotencyKey }]);
  });

  it('of a version that never was is a conflict with the cap as it is', async () => {
    const { service, sent } = setUp();
    const failure = await service.change({ ...click, expectedVersion: 9 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'CONFLICT',
      data: {
        cap: {
          currentLimitNanoUsd: 25n * USD,
          currentVersion: 3,
          currentOverrideNanoUsd: 5n * USD,
          changedBy: 'Vikram',
          changedAt,
        },
      },
    });
    expect(sent).toEqual([]);
  });

  it('that the database finds in conflict tells both values', async () => {
    const detail =
      '{"currentLimit":31000000000,"currentVersion":5,"changedBy":"Vikram","changedAt":"2026-11-20T14:30:00.123456+05:30"}';
    const { service, refreshed } = setUp({
      setCap: () => Promise.reject(new PlatformRefusal('CONFLICT', 'Changed meanwhile.', detail, undefined)),
    });
    const failure = await service.change(click).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'CONFLICT',
      message: 'Changed meanwhile.',
      data: {
        cap: {
          currentLimitNanoUsd: 31n * USD,
          currentVersion: 5,
          currentOverrideNanoUsd: 0n,
          changedBy: 'Vikram',
          changedAt: new Date('2026-11-20T09:00:00.123Z'),
        },
      },
    });
    expect(refreshed, 'the row shown is old').toEqual([click.tenantId]);
  });

  it('is a conflict even when its detail cannot be read', async () => {
    const { service } = setUp({
      setCap: () => Promise.reject(new PlatformRefusal('CONFLICT', 'Changed meanwhile.', 'not json', undefined)),
    });
    await expect(service.change(click)).rejects.toMatchObject({ code: 'CONFLICT', data: { cap: undefined } });
  });

  it('of an unknown cap says so', async () => {
    const { service } = setUp({ find: async () => undefined });
    await expect(service.change(click)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    ['above what a cap may be', 8_900_000_000_000_000n],
    ['that is none: a percentage of 0', 0n],
  ])('%s is refused before the database is asked', async (_name, limitNanoUsd) => {
    const { service, sent } = setUp({
      find: async () => ({ version: 3, limitNanoUsd, overrideNanoUsd: 0n, changedBy: null, changedAt: null }),
    });
    await expect(service.change(click)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(sent).toEqual([]);
  });

  it('while the database is away is refused and kept nowhere', async () => {
    let tries = 0;
    const { service } = setUp({
      setCap: () => {
        tries += 1;
        return Promise.reject(new OperatorError('UNAVAILABLE', 'The database does not answer.'));
      },
    });
    await expect(service.change(click)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(tries).toBe(1);
  });
});

describe('an undo', () => {
  const undo = { tenantId: click.tenantId, capId: click.capId, expectedVersion: 4, idempotencyKey: fakeId(4, 1) };

  it('names the version that the change made, and can not be undone itself', async () => {
    const { service, undone, refreshed } = setUp();
    expect(await service.undo(undo)).toMatchObject({ version: 5, limitNanoUsd: 20n * USD, undoForMs: null });
    expect(undone).toMatchObject([{ version: 4, idempotencyKey: undo.idempotencyKey }]);
    expect(refreshed).toEqual([click.tenantId]);
  });

  it('after somebody else’s change is a conflict with the cap as it is, overrides told', async () => {
    const detail = '{"currentLimit":31000000000,"currentVersion":5,"currentOverride":2000000000,"changedBy":"Vikram"}';
    const { service } = setUp({
      undoCapChange: () => Promise.reject(new PlatformRefusal('CONFLICT', 'Changed meanwhile.', detail, undefined)),
    });
    await expect(service.undo(undo)).rejects.toMatchObject({
      code: 'CONFLICT',
      data: { cap: { currentLimitNanoUsd: 31n * USD, currentOverrideNanoUsd: 2n * USD, changedBy: 'Vikram' } },
    });
  });
});

describe('a temporary raise', () => {
  const raise = {
    tenantId: click.tenantId,
    capId: click.capId,
    expectedVersion: 3,
    idempotencyKey: fakeId(4, 2),
    amountNanoUsd: 5n * USD,
  };

  it('until a date is sent with the date as it was entered: the tenant’s zone is the database’s to know', async () => {
    const { service, added } = setUp();
    const answer = await service.addOverride({ ...raise, end: { until: 'date', localDateTime: '2026-11-30T18:00' } });
    expect(added).toMatchObject([
      { until: 'date', endsLocal: '2026-11-30T18:00', amountNanoUsd: 5n * USD, reason: null },
    ]);
    expect(answer).toMatchObject({ overrideId: fakeId(5, 0), overrideNanoUsd: 5n * USD, endsAt: changedAt });
    expect(answer).not.toHaveProperty('undoForMs');
  });

  it.each(['period_end', 'removed'] as const)('until %s has no date', async (until) => {
    const { service, added } = setUp();
    await service.addOverride({ ...raise, end: { until }, reason: '' });
    expect(added).toMatchObject([{ until, endsLocal: null, reason: null }]);
  });

  it('is removed by its id; the row is read again also when that fails', async () => {
    const { service, refreshed } = setUp();
    const removal = { tenantId: click.tenantId, overrideId: fakeId(5, 0), idempotencyKey: fakeId(4, 3) };
    expect(await service.removeOverride(removal)).toMatchObject({ overrideId: fakeId(5, 0), endsAt: null });
    const failing = setUp({ removeOverride: () => Promise.reject(new OperatorError('BAD_REQUEST', 'It has ended.')) });
    await expect(failing.service.removeOverride(removal)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect([refreshed, failing.refreshed]).toEqual([[click.tenantId], [click.tenantId]]);
  });
});
