import { describe, expect, it } from 'vitest';
import type { ChangeCapInput } from '../contract/caps.ts';
import { OperatorError, PlatformRefusal } from '../infra/operator-error.ts';
import { fakeId } from '../testing/fake-tenants.ts';
import type { CapsRepository, SetCap } from './caps-repository.ts';
import { createCapsService } from './caps-service.ts';

const USD = 1_000_000_000n;
const changedAt = new Date('2026-11-20T09:00:00Z');

/** One cap of 25 USD at version 3, which was 20 USD in version 2. */
function setUp(over: Partial<CapsRepository> = {}) {
  const sent: SetCap[] = [];
  const refreshed: string[] = [];
  const repository: CapsRepository = {
    find: async () => ({ version: 3, limitNanoUsd: 25n * USD, changedBy: 'Vikram', changedAt }),
    limitInVersion: async (_tenant, _cap, version) => (version === 2 ? 20n * USD : undefined),
    async setCap(change) {
      sent.push(change);
      return {
        version: change.expectedVersion + 1,
        limitNanoUsd: change.limitNanoUsd,
        previousLimitNanoUsd: 25n * USD,
        chargedNanoUsd: 24n * USD,
        warning: null,
        changedAt,
      };
    },
    ...over,
  };
  return { service: createCapsService(repository, (tenantId) => refreshed.push(tenantId)), sent, refreshed };
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
      committedNanoUsd: 24n * USD,
      warning: null,
      changedAt,
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
      data: { cap: { currentLimitNanoUsd: 25n * USD, currentVersion: 3, changedBy: 'Vikram', changedAt } },
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
      find: async () => ({ version: 3, limitNanoUsd, changedBy: null, changedAt: null }),
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
