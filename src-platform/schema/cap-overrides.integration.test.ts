import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCapDesk, refusalOf, type CapDesk, type CapTarget } from '../testing/cap-desk.ts';
import { makeCap, makeOperator, type MadeOperator } from '../testing/factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

const USD = 1_000_000_000n;
let db: TestDatabase;
let desk: GrantDesk;
let caps: CapDesk;
let admin: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  caps = createCapDesk(db);
  admin = await makeOperator(db, { role: 'admin' });
});
afterAll(async () => {
  expect(await disagreements(db)).toEqual([]);
  await db.close();
});

async function periodOf({ tenantId, capId }: CapTarget): Promise<{ limit: bigint; until: Date | null; end: Date }> {
  const { rows } = await db.owner.query<{ limit: bigint; until: Date | null; end: Date }>(
    `select limit_nanousd as limit, limit_until as until, period_end as end from platform.cap_periods
     where tenant_id = $1 and cap_id = $2 and period_end > now()`,
    [tenantId, capId],
  );
  return rows[0]!;
}

async function boardOf({ tenantId }: CapTarget): Promise<Record<string, unknown>> {
  const { rows } = await db.connect(admin.url).query<Record<string, unknown>>(
    `select limit_nanousd as cap, limit_in_force_nanousd as in_force, override_nanousd as more, override_count as count,
       override_next_end as next_end from platform.board where tenant_id = $1`,
    [tenantId],
  );
  return rows[0]!;
}

test('an override adds to the cap, which stays as it is; take_grant, period and board agree', async () => {
  const target = await caps.cappedTenant(100n);
  await desk.take({ tenantId: target.tenantId, need: 100 });
  expect(await desk.take({ tenantId: target.tenantId, need: 1 })).toMatchObject({ granted: false });
  const added = await caps.add(admin, { ...target, amount: 50n, reason: 'Launch week' });
  expect(added).toMatchObject({ version: 2, limit: 100, inForce: 150, amount: 50, endsAt: null });
  expect(await periodOf(target)).toMatchObject({ limit: 150n, until: null });
  expect(await boardOf(target)).toEqual({ cap: 100n, in_force: 150n, more: 50n, count: 1, next_end: null });
  expect(await desk.take({ tenantId: target.tenantId, need: 51 })).toMatchObject({ granted: false });
  const taken = await desk.take({ tenantId: target.tenantId, need: 50 });
  expect(taken).toMatchObject({ granted: true, scopes: [{ limit: 150, granted: 150 }] });

  const removed = await caps.remove(admin, { tenantId: target.tenantId, overrideId: added.overrideId });
  expect(removed).toMatchObject({ version: 3, limit: 100, inForce: 100, warning: null });
  expect(await periodOf(target)).toMatchObject({ limit: 100n });
  expect(await boardOf(target)).toMatchObject({ in_force: 100n, more: 0n, count: 0 });
  expect(await desk.take({ tenantId: target.tenantId, need: 1 })).toMatchObject({ granted: false });

  const { rows } = await db.owner.query(
    'select action, before, after, reason from platform.audit_log where tenant_id = $1 order by seq',
    [target.tenantId],
  );
  expect(rows).toEqual([
    {
      action: 'cap.override.add',
      before: { limitNanoUsd: 100, inForceNanoUsd: 100, version: 1 },
      after: {
        limitNanoUsd: 100,
        inForceNanoUsd: 150,
        version: 2,
        overrideId: added.overrideId,
        overrideNanoUsd: 50,
        until: 'removed',
        endsAt: null,
        scope: 'tenant',
        period: 'month',
      },
      reason: 'Launch week',
    },
    {
      action: 'cap.override.remove',
      before: {
        limitNanoUsd: 100,
        inForceNanoUsd: 150,
        version: 2,
        overrideId: added.overrideId,
        overrideNanoUsd: 50,
        until: 'removed',
        endsAt: null,
      },
      after: { limitNanoUsd: 100, inForceNanoUsd: 100, version: 3, scope: 'tenant', period: 'month' },
      reason: null,
    },
  ]);
});

test('several add up; a change of the cap keeps them, also one to the very sum', async () => {
  const target = await caps.cappedTenant(100n);
  await desk.take({ tenantId: target.tenantId, need: 1 });
  await caps.add(admin, { ...target, amount: 20n });
  await caps.add(admin, { ...target, amount: 30n, version: 2, until: 'period_end' });
  expect(await periodOf(target)).toMatchObject({ limit: 150n });
  expect(await caps.set(admin, { ...target, limit: 150n, version: 3 })).toMatchObject({ limit: 150, inForce: 200 });
  expect(await periodOf(target)).toMatchObject({ limit: 200n });
  expect(await caps.undo(admin, { ...target, version: 4 })).toMatchObject({ limit: 100, inForce: 150 });
});

test('below what is spent is told of the limit in force, not of the cap', async () => {
  const target = await caps.cappedTenant(1_000n);
  await desk.charge(target.tenantId, 600);
  const { overrideId } = await caps.add(admin, { ...target, amount: 300n });
  expect(await caps.set(admin, { ...target, limit: 300n, version: 2 })).toMatchObject({ warning: null, inForce: 600 });
  expect(await caps.remove(admin, { tenantId: target.tenantId, overrideId })).toMatchObject({
    warning: 'below_committed',
  });
});

describe('ends', () => {
  test('at a date and hour in the tenant’s zone', async () => {
    const target = await caps.cappedTenant(100n, 'Asia/Kathmandu');
    const local = await caps.localIn(target.tenantId, 86_400_000);
    const day = local.slice(0, 10);
    const added = await caps.add(admin, { ...target, amount: 5n, until: 'date', endsLocal: `${day} 23:00` });
    // Kathmandu is 5 h 45 min ahead of UTC.
    expect(new Date(added.endsAt!).toISOString()).toBe(`${day}T17:15:00.000Z`);
  });

  test('with the period: the next one has the cap alone', async () => {
    const target = await caps.cappedTenant(100n);
    const dayCap = await makeCap(db, target.tenantId, { limitNanoUsd: 80n, period: 'day' });
    const added = await caps.add(admin, { ...target, capId: dayCap, amount: 7n, until: 'period_end' });
    const period = await periodOf({ ...target, capId: dayCap });
    expect(new Date(added.endsAt!)).toEqual(period.end);
    expect(period).toMatchObject({ limit: 87n, until: null });
    // The next day opens.
    const { rows } = await db.owner.query<{ limit: bigint }>(
      `insert into platform.cap_periods (tenant_id, cap_id, period_start, period_end, limit_nanousd, granted_nanousd, charged_nanousd)
       values ($1, $2, $3, $3::timestamptz + interval '1 day', 80, 0, 0) returning limit_nanousd as limit`,
      [target.tenantId, dayCap, period.end],
    );
    expect(rows).toEqual([{ limit: 80n }]);
  });

  test('inside a period, at the instant, with nobody writing: what is granted before is kept, nothing is granted after', async () => {
    const target = await caps.cappedTenant(100n);
    const { tenantId } = target;
    const kept = await caps.add(admin, { ...target, amount: 10n });
    const added = await caps.add(admin, {
      ...target,
      amount: 50n,
      until: 'date',
      endsLocal: await caps.localIn(tenantId, 1_500),
      version: 2,
    });
    const grantId = randomUUID();
    const before = await desk.take({ tenantId, grantId, need: 90 });
    expect(before).toMatchObject({ granted: true, validUntil: added.endsAt, scopes: [{ limit: 160 }] });
    expect(await periodOf(target)).toMatchObject({ limit: 160n, until: new Date(added.endsAt!) });
    const more = await desk.take({ tenantId, need: 30 });
    expect(more.granted).toBe(true);

    await caps.untilPassed(added.endsAt!);
    // Nobody has written the period since: its readers know all the same.
    expect(await periodOf(target)).toMatchObject({ limit: 160n });
    expect(await boardOf(target)).toMatchObject({ cap: 100n, in_force: 110n, more: 10n, count: 1 });
    const after = await desk.take({ tenantId, need: 1 });
    expect(after).toMatchObject({ granted: false, failed: target.capId, scopes: [{ limit: 110, granted: 120 }] });
    expect(after.validUntil).toBe(after.scopes[0]!.periodEnd);
    // A call that was admitted before the end and asks a moment later.
    expect(await desk.take({ tenantId, need: 10, skewMs: -1_400 })).toMatchObject({
      granted: true,
      validUntil: added.endsAt,
    });
    await desk.release(tenantId, grantId, 50);
    expect(await periodOf(target)).toMatchObject({ limit: 110n });
    expect(await desk.take({ tenantId, need: 21 })).toMatchObject({ granted: false });
    expect(await desk.take({ tenantId, need: 20 })).toMatchObject({ granted: true });
    expect((await refusalOf(caps.remove(admin, { tenantId, overrideId: added.overrideId }))).code).toBe('TD400');
    expect(await caps.remove(admin, { tenantId, overrideId: kept.overrideId })).toMatchObject({ inForce: 100 });
  });

  test('a period that opens later takes the overrides that still hold', async () => {
    const target = await caps.cappedTenant(100n);
    const dayCap = await makeCap(db, target.tenantId, { limitNanoUsd: 80n, period: 'day' });
    await caps.add(admin, { ...target, capId: dayCap, amount: 7n });
    const later = await db.owner.query<{ limit: bigint; until: Date | null }>(
      `insert into platform.cap_periods (tenant_id, cap_id, period_start, period_end, limit_nanousd, granted_nanousd, charged_nanousd)
       values ($1, $2, now() + interval '2 days', now() + interval '3 days', 1, 0, 0) returning limit_nanousd as limit, limit_until as until`,
      [target.tenantId, dayCap],
    );
    expect(later.rows).toEqual([{ limit: 87n, until: null }]);
  });
});

describe('refused, and nothing changed', () => {
  test.each([
    ['no amount', { amount: null }],
    ['an amount of 0', { amount: 0n }],
    ['less than nothing', { amount: -1n }],
    ['more than 9 million USD in all', { amount: 9_000_000n * USD - 99n }],
    ['an end nobody knows', { until: 'tomorrow' }],
    ['no end', { until: null }],
    ['a date without a date', { until: 'date' }],
    ['a date with another end', { until: 'period_end', endsLocal: '2099-01-01 00:00' }],
    ['a date that has passed', { until: 'date', endsLocal: '2020-01-01 00:00' }],
    ['a date in ten years', { until: 'date', endsLocal: '2036-01-01 00:00' }],
    ['the end of time', { until: 'date', endsLocal: 'infinity' }],
    ['no version', { version: null }],
    ['no key', { key: null }],
    ['a long reason', { reason: 'x'.repeat(501) }],
  ])('%s', async (_, part) => {
    const target = await caps.cappedTenant(100n);
    expect((await refusalOf(caps.add(admin, { ...target, amount: 5n, ...part }))).code).toBe('TD400');
    const { rowCount } = await db.owner.query('select from platform.cap_overrides where tenant_id = $1', [
      target.tenantId,
    ]);
    expect(rowCount).toBe(0);
  });

  test('a cap that with its overrides passes 9 million USD', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.add(admin, { ...target, amount: 5n });
    const most = 9_000_000n * USD - 5n;
    expect((await refusalOf(caps.set(admin, { ...target, limit: most + 1n, version: 2 }))).code).toBe('TD400');
    expect(await caps.set(admin, { ...target, limit: most, version: 2 })).toMatchObject({ version: 3 });
  });

  test('a stale version: what the cap is and what is added to it', async () => {
    const target = await caps.cappedTenant(100n);
    await caps.add(admin, { ...target, amount: 5n });
    const conflict = await refusalOf(caps.add(admin, { ...target, amount: 5n }));
    expect(conflict).toMatchObject({ code: 'TD409' });
    expect(JSON.parse(conflict.detail!)).toMatchObject({
      currentLimit: 100,
      currentVersion: 2,
      currentOverride: 5,
      changedBy: admin.login,
    });
    expect((await refusalOf(caps.set(admin, { ...target, limit: 200n }))).code).toBe('TD409');
  });

  test('removed by two at once: one does, the other hears by whom', async () => {
    const target = await caps.cappedTenant(100n);
    const { overrideId } = await caps.add(admin, { ...target, amount: 5n });
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => caps.remove(admin, { tenantId: target.tenantId, overrideId })),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const conflict = await refusalOf(caps.remove(admin, { tenantId: target.tenantId, overrideId }));
    expect(conflict.code).toBe('TD409');
    expect(JSON.parse(conflict.detail!)).toMatchObject({ currentOverride: 0, changedBy: admin.login });
  });
});

describe('who may', () => {
  test('account managers remove and don’t add; viewers and auditors neither', async () => {
    const target = await caps.cappedTenant(100n);
    const { overrideId } = await caps.add(admin, { ...target, amount: 5n });
    for (const role of ['viewer', 'auditor', 'account_manager'] as const) {
      const who = await makeOperator(db, { role, tenantIds: [target.tenantId] });
      expect((await refusalOf(caps.add(who, { ...target, amount: 5n, version: 2 }))).code).toBe('42501');
      if (role === 'account_manager') continue;
      expect((await refusalOf(caps.remove(who, { tenantId: target.tenantId, overrideId }))).code).toBe('42501');
    }
    const stranger = await makeOperator(db, { role: 'account_manager', tenantIds: [] });
    expect((await refusalOf(caps.remove(stranger, { tenantId: target.tenantId, overrideId }))).code).toBe('TD404');
    const manager = await makeOperator(db, { role: 'account_manager', tenantIds: [target.tenantId] });
    expect(await caps.remove(manager, { tenantId: target.tenantId, overrideId })).toMatchObject({ inForce: 100 });
  });

  test('another tenant’s override looks like none', async () => {
    const mine = await caps.cappedTenant(100n);
    const theirs = await caps.cappedTenant(100n);
    const { overrideId } = await caps.add(admin, { ...theirs, amount: 5n });
    const who = await makeOperator(db, { role: 'operator', tenantIds: [mine.tenantId] });
    for (const tenantId of [mine.tenantId, theirs.tenantId]) {
      expect((await refusalOf(caps.remove(who, { tenantId, overrideId }))).code).toBe('TD404');
    }
    expect((await refusalOf(caps.add(who, { ...theirs, amount: 5n, version: 2 }))).code).toBe('TD404');
    expect((await refusalOf(caps.add(who, { ...mine, capId: theirs.capId, amount: 5n, version: 2 }))).code).toBe(
      'TD404',
    );
  });

  test('an override counts as a raise in the 24 hours, also a removed one', async () => {
    const who = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 10n * USD });
    const target = await caps.cappedTenant(10n * USD);
    const { overrideId } = await caps.add(who, { ...target, amount: 6n * USD });
    await caps.remove(who, { tenantId: target.tenantId, overrideId });
    const above = { ...target, amount: 4n * USD + 1n, version: 3 };
    expect(await caps.add(who, above)).toMatchObject({ pending: true, limit: 10_000_000_000, version: 3 });
    await caps.set(who, { ...target, limit: 14n * USD, version: 3 });
    expect(await caps.add(who, { ...target, amount: 1n, version: 4 })).toMatchObject({ pending: true, version: 4 });
  });

  test('many at once over many tenants do not pass the limit together', async () => {
    const who = await makeOperator(db, { role: 'operator', raiseLimitNanoUsd: 5n * USD });
    const targets = await Promise.all(Array.from({ length: 8 }, () => caps.cappedTenant(100n)));
    const answers = await Promise.allSettled(targets.map((target) => caps.add(who, { ...target, amount: 1n * USD })));
    expect(answers.filter((answer) => answer.status === 'fulfilled' && answer.value.pending !== true)).toHaveLength(5);
  });
});

test('sent twice: one effect, the first answer; with other figures an error', async () => {
  const target = await caps.cappedTenant(100n);
  const add = { ...target, amount: 5n, key: randomUUID() };
  const answers = await Promise.all(Array.from({ length: 5 }, () => caps.add(admin, add)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  for (const other of [{ amount: 6n }, { version: 2 }, { reason: 'why' }, { until: 'period_end' }]) {
    expect((await refusalOf(caps.add(admin, { ...add, ...other }))).code).toBe('TD422');
  }
  const remove = { tenantId: target.tenantId, overrideId: answers[0]!.overrideId, key: randomUUID() };
  const removals = await Promise.all(Array.from({ length: 5 }, () => caps.remove(admin, remove)));
  expect(new Set(removals.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect((await refusalOf(caps.remove(admin, { ...remove, reason: 'why' }))).code).toBe('TD422');
  expect(await boardOf(target)).toMatchObject({ in_force: 100n });
});

test('model: any order of grants, overrides, ends, removals and changes of the cap: nothing new is granted above the limit in force', async () => {
  const amount = fc.integer({ min: 1, max: 400 });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('take' as const), need: amount }) },
    fc.record({ do: fc.constant('release' as const) }),
    fc.record({ do: fc.constant('charge' as const), cost: amount }),
    fc.record({ do: fc.constant('set' as const), limit: fc.integer({ min: 0, max: 1_000 }) }),
    fc.record({ do: fc.constant('undo' as const) }),
    fc.record({ do: fc.constant('add' as const), amount, until: fc.constantFrom('removed', 'period_end', 'date') }),
    fc.record({ do: fc.constant('remove' as const), which: fc.nat(3) }),
    fc.record({ do: fc.constant('end' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const target = await caps.cappedTenant(500n);
      const { tenantId } = target;
      let [cap, version, granted] = [500, 1, 0];
      let before: { limit: number; version: number } | undefined;
      const overrides: { id: string; amount: number; ends: string | null | undefined; dated: boolean }[] = [];
      const grants: { id: string; amount: number }[] = [];
      const inForce = (): number => cap + overrides.reduce((sum, override) => sum + override.amount, 0);
      for (const one of steps) {
        if (one.do === 'take') {
          const id = randomUUID();
          const answer = await desk.take({ tenantId, grantId: id, need: one.need });
          expect(answer.granted).toBe(granted + one.need <= inForce());
          expect(answer.scopes[0]!.limit).toBe(inForce());
          if (answer.granted) grants.push({ id, amount: one.need });
          if (answer.granted) granted += one.need;
        } else if (one.do === 'release') {
          const grant = grants.pop();
          if (grant) await desk.release(tenantId, grant.id, 0, true);
          granted -= grant?.amount ?? 0;
        } else if (one.do === 'charge') {
          await desk.charge(tenantId, one.cost);
          granted += one.cost;
        } else if (one.do === 'set' && one.limit !== cap) {
          const changed = await caps.set(admin, { ...target, limit: BigInt(one.limit), version });
          before = { limit: cap, version: changed.version };
          [cap, version] = [one.limit, changed.version];
          expect(changed.inForce).toBe(inForce());
        } else if (one.do === 'undo' && before?.version === version) {
          version = (await caps.undo(admin, { ...target, version })).version;
          cap = before.limit;
        } else if (one.do === 'add') {
          const endsLocal = one.until === 'date' ? await caps.localIn(tenantId, 3_600_000) : null;
          const added = await caps.add(admin, {
            ...target,
            amount: BigInt(one.amount),
            until: one.until,
            endsLocal,
            version,
          });
          overrides.push({
            id: added.overrideId!,
            amount: one.amount,
            ends: added.endsAt,
            dated: one.until === 'date',
          });
          version = added.version;
          expect(added.inForce).toBe(inForce());
        } else if (one.do === 'remove') {
          const [override] = overrides.splice(one.which, 1);
          if (override) version = (await caps.remove(admin, { tenantId, overrideId: override.id })).version;
        } else if (one.do === 'end') {
          // The hour passes: the first dated one ends a moment ago, with nobody writing its period.
          const at = overrides.findIndex(({ dated }) => dated);
          if (at === -1) continue;
          const [override] = overrides.splice(at, 1);
          await db.owner.query(
            `with ended as (
               update platform.cap_overrides set ends_at = clock_timestamp(), starts_at = clock_timestamp() - interval '1 hour'
               where tenant_id = $1 and id = $2 returning ends_at)
             update platform.cap_periods p set limit_until = e.ends_at from ended e
             where p.tenant_id = $1 and p.period_end > now() and p.limit_until >= e.ends_at`,
            [tenantId, override!.id],
          );
        }
        expect((await boardOf(target))['in_force']).toBe(BigInt(inForce()));
      }
    }),
    { numRuns: 30 },
  );
});
