import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { makeCap, makeKey, makeTenant, makeWorkflow } from '../testing/factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { ledgerRecord, type LedgerRecord } from '../testing/ledger-record.ts';

const USD = 1_000_000_000;
let db: TestDatabase;
let desk: GrantDesk;

beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
});
afterAll(async () => {
  expect(await disagreements(db)).toEqual([]);
  await db.close();
});

async function cappedTenant(limitNanoUsd: bigint): Promise<{ tenantId: string; capId: string }> {
  const { id } = await makeTenant(db);
  return { tenantId: id, capId: await makeCap(db, id, { limitNanoUsd }) };
}

describe('take_grant', () => {
  test('takes what is wanted far from the cap, and a quarter of the rest near it', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    expect((await desk.take({ tenantId, need: 10, want: 100 })).amount).toBe(100);
    // 900 remain: a quarter
    expect((await desk.take({ tenantId, need: 10, want: 800 })).amount).toBe(225);
    // 675 remain: the need is more than a quarter
    const last = await desk.take({ tenantId, need: 600, want: 675 });
    expect(last.amount).toBe(600);
    expect(last.scopes).toMatchObject([{ scope: 'tenant', period: 'month', limit: 1000, granted: 925, charged: 0 }]);
  });

  test('the last nano-dollar can be taken, one more cannot, and a refusal changes nothing', async () => {
    const { tenantId, capId } = await cappedTenant(1_000n);
    expect(await desk.take({ tenantId, need: 1_000 })).toMatchObject({ granted: true, amount: 1_000 });
    expect(await desk.take({ tenantId, need: 1 })).toMatchObject({ granted: false, failed: capId, amount: 0 });
    const { rows } = await db.owner.query('select count(*)::int as n from platform.grants where tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('totals are cumulative: the same ask again takes nothing more, a larger one extends', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    for (const _ of [1, 2, 3]) {
      expect(await desk.take({ tenantId, grantId, need: 50, want: 50 })).toMatchObject({ amount: 50 });
    }
    const extended = await desk.take({ tenantId, grantId, need: 80, want: 80 });
    expect(extended).toMatchObject({ amount: 80, scopes: [{ granted: 80 }] });
  });

  test('all scopes give or none; the refusal names the first: tenant month, tenant day, key, workflow', async () => {
    const { id: tenantId } = await makeTenant(db);
    const key = await makeKey(db, tenantId);
    const otherKey = await makeKey(db, tenantId);
    const workflowId = await makeWorkflow(db, tenantId);
    const caps = {
      month: await makeCap(db, tenantId, { limitNanoUsd: 1_000n }),
      day: await makeCap(db, tenantId, { limitNanoUsd: 500n, period: 'day' }),
      key: await makeCap(db, tenantId, { limitNanoUsd: 100n, keyId: key.id }),
      workflow: await makeCap(db, tenantId, { limitNanoUsd: 50n, workflowId }),
    };
    const ask = (need: number) => desk.take({ tenantId, need, keyId: key.id, workflowId });
    expect((await ask(50)).scopes.map(({ granted }) => granted)).toEqual([50, 50, 50, 50]);
    expect(await ask(1)).toMatchObject({ granted: false, failed: caps.workflow });
    expect(await ask(51)).toMatchObject({ granted: false, failed: caps.key });
    expect(await ask(451)).toMatchObject({ granted: false, failed: caps.day });
    const refused = await ask(951);
    expect(refused).toMatchObject({ granted: false, failed: caps.month });
    expect(refused.scopes.map(({ granted }) => granted)).toEqual([50, 50, 50, 50]);
    // Another key without workflow meets the tenant's two alone.
    const other = await desk.take({ tenantId, need: 450, keyId: otherKey.id });
    expect(other.scopes.map(({ capId }) => capId)).toEqual([caps.month, caps.day]);
  });

  test('a soft cap counts and never refuses', async () => {
    const { id: tenantId } = await makeTenant(db);
    await makeCap(db, tenantId, { limitNanoUsd: 10n, hard: false });
    expect(await desk.take({ tenantId, need: 500 })).toMatchObject({
      granted: true,
      amount: 500,
      scopes: [{ granted: 500 }],
    });
  });

  test('without a cap nothing is kept', async () => {
    const { id: tenantId } = await makeTenant(db);
    expect(await desk.take({ tenantId, need: 5, want: 9 })).toEqual({
      granted: true,
      uncapped: true,
      amount: 9,
      scopes: [],
    });
  });

  test('a new period counts what the ledger already has in it', async () => {
    const { id: tenantId } = await makeTenant(db);
    await desk.charge(tenantId, 400);
    const capId = await makeCap(db, tenantId, { limitNanoUsd: 1_000n });
    expect(await desk.take({ tenantId, need: 601 })).toMatchObject({ granted: false, failed: capId });
    expect(await desk.take({ tenantId, need: 600 })).toMatchObject({
      granted: true,
      scopes: [{ granted: 1_000, charged: 400 }],
    });
  });

  test('a changed anchor takes effect at the next boundary', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const before = await desk.take({ tenantId, need: 1 });
    await db.owner.query('update platform.tenants set anchor_day = 17 where id = $1', [tenantId]);
    const after = await desk.take({ tenantId, need: 1 });
    expect(after.scopes[0]).toMatchObject({ periodStart: before.scopes[0]!.periodStart, granted: 2 });
    const end = before.scopes[0]!.periodEnd;
    await db.connect(db.superuserUrl).query(`select platform.open_cap_periods($1, $2)`, [[tenantId], end]);
    const { rows } = await db.owner.query(
      `select period_start, extract(day from timezone('Asia/Kolkata', period_end))::int as day from platform.cap_periods
       where tenant_id = $1 order by 1 desc limit 1`,
      [tenantId],
    );
    expect(rows).toEqual([{ period_start: new Date(end), day: 17 }]);
  });

  test('bad asks get a typed answer and take nothing', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const revoked = await makeKey(db, tenantId, { revokedAt: new Date(0) });
    const suspended = await makeTenant(db, { status: 'suspended' });
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => 'passed',
        (error: { code: string }) => error.code,
      );
    expect(await code(desk.take({ tenantId, need: -1 }))).toBe('TD400');
    expect(await code(desk.take({ tenantId, need: 2, want: 1 }))).toBe('TD400');
    expect(await code(desk.take({ tenantId, need: 1, want: 9_000_000 * USD + 1 }))).toBe('TD400');
    expect(await code(desk.take({ tenantId, need: 1, skewMs: 6_000 }))).toBe('TD400');
    expect(await code(desk.take({ tenantId, need: 1, skewMs: -6_000 }))).toBe('TD400');
    expect(await code(desk.take({ tenantId: randomUUID(), need: 1 }))).toBe('TD404');
    expect(await code(desk.take({ tenantId, need: 1, keyId: randomUUID() }))).toBe('TD404');
    expect(await code(desk.take({ tenantId, need: 1, keyId: revoked.id }))).toBe('TD403');
    expect(await code(desk.take({ tenantId: suspended.id, need: 1 }))).toBe('TD403');
    const stranger = { ...desk, gatewayId: randomUUID() };
    expect(
      await code(
        stranger.pool.query('select platform.take_grant($1, $2, null, null, $3, now(), 1, 1)', [
          stranger.gatewayId,
          tenantId,
          randomUUID(),
        ]),
      ),
    ).toBe('TD404');
    const { rows } = await db.owner.query(
      'select coalesce(sum(granted_nanousd), 0)::int as n from platform.cap_periods where tenant_id = $1',
      [tenantId],
    );
    expect(rows[0]).toEqual({ n: 0 });
  });

  test('a grant stays with its gateway and its caps', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 10 });
    const stranger = await makeGrantDesk(db);
    await expect(stranger.take({ tenantId, grantId, need: 20 })).rejects.toMatchObject({ code: 'TD403' });
    await expect(stranger.release(tenantId, grantId, 0)).rejects.toMatchObject({ code: 'TD403' });
    await makeCap(db, tenantId, { limitNanoUsd: 5n, period: 'day' });
    await expect(desk.take({ tenantId, grantId, need: 20 })).rejects.toMatchObject({ code: 'TD409' });
    await desk.release(tenantId, grantId, 0, true);
    await expect(desk.take({ tenantId, grantId, need: 20 })).rejects.toMatchObject({ code: 'TD409' });
  });

  test('1,024 asks of 0.10 USD on a cap of 5 USD, over many connections: exactly 50 are granted', async () => {
    const { tenantId } = await cappedTenant(BigInt(5 * USD));
    const answers = await Promise.all(Array.from({ length: 1_024 }, () => desk.take({ tenantId, need: USD / 10 })));
    expect(answers.filter(({ granted }) => granted)).toHaveLength(50);
  });

  test('one grant asked for by many at once is one account', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => desk.take({ tenantId, grantId, need: i + 1 })),
    );
    expect(answers.every(({ granted }) => granted)).toBe(true);
    const after = await desk.take({ tenantId, grantId, need: 0, want: 0 });
    expect(after).toMatchObject({ amount: 40, scopes: [{ granted: 40 }] });
  });
});

describe('messages of a grant that arrive late', () => {
  const grantedOf = async (tenantId: string): Promise<bigint> => {
    const { rows } = await db.owner.query<{ granted: bigint }>(
      'select granted_nanousd as granted from platform.cap_periods where tenant_id = $1',
      [tenantId],
    );
    return rows[0]?.granted ?? 0n;
  };
  const late = { code: 'TD409' };

  test('a release takes nothing back that was granted since', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 500, turn: 1 });
    // Turn 2, a release to 100, is on its way.
    await desk.take({ tenantId, grantId, need: 600, turn: 3 });
    await expect(desk.release(tenantId, grantId, 100, false, 2)).rejects.toMatchObject(late);
    await expect(desk.release(tenantId, grantId, 0, true, 2)).rejects.toMatchObject(late);
    expect(await grantedOf(tenantId)).toBe(600n);
    expect(await desk.release(tenantId, grantId, 100, false, 4)).toMatchObject({ amount: 100, state: 'open' });
  });

  test('a take adds nothing that was given back since', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 100, turn: 1 });
    await desk.release(tenantId, grantId, 0, false, 3);
    await expect(desk.take({ tenantId, grantId, need: 400, turn: 2 })).rejects.toMatchObject(late);
    expect(await grantedOf(tenantId)).toBe(0n);
  });

  test('a refusal tells an amount, so nothing older changes it', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 500, turn: 1 });
    expect(await desk.take({ tenantId, grantId, need: 1_001, turn: 3 })).toMatchObject({ granted: false, amount: 500 });
    await expect(desk.release(tenantId, grantId, 100, false, 2)).rejects.toMatchObject(late);
    expect(await grantedOf(tenantId)).toBe(500n);
  });

  test('the very same message again changes nothing', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    for (let again = 0; again < 2; again += 1) {
      expect(await desk.take({ tenantId, grantId, need: 500, turn: 1 })).toMatchObject({ granted: true, amount: 500 });
    }
    for (let again = 0; again < 2; again += 1) {
      expect(await desk.release(tenantId, grantId, 200, false, 2)).toMatchObject({ amount: 200, state: 'open' });
    }
    // Not the same, but with its turn: it would shrink what its gateway believes to have.
    expect(await desk.release(tenantId, grantId, 50, false, 2)).toMatchObject({ amount: 200, released: 0 });
    for (let again = 0; again < 2; again += 1) {
      expect(await desk.release(tenantId, grantId, 0, true, 3)).toMatchObject({ amount: 0, state: 'closed' });
    }
  });

  test.each(['release', 'refusal'])('a first take makes no grant after a %s for it', async (what) => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    if (what === 'release') {
      expect(await desk.release(tenantId, grantId, 0, false, 2)).toMatchObject({ amount: 0, state: 'closed' });
    } else {
      expect(await desk.take({ tenantId, grantId, need: 1_001, turn: 2 })).toMatchObject({ granted: false, amount: 0 });
    }
    await expect(desk.take({ tenantId, grantId, need: 500, turn: 1 })).rejects.toMatchObject(late);
    const next = desk.take({ tenantId, grantId, need: 500, turn: 3 });
    if (what === 'release') await expect(next).rejects.toMatchObject(late);
    else expect(await next).toMatchObject({ granted: true, amount: 500 });
    expect(await desk.release(tenantId, grantId, 0, true, 4)).toMatchObject({ amount: 0, state: 'closed' });
    expect((await desk.take({ tenantId, need: 1_000 })).granted).toBe(true);
  });

  test('a first take and the release after it at the same moment: one of them wins, nothing stays granted', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { tenantId } = await cappedTenant(1_000n);
      const grantId = randomUUID();
      await Promise.all([
        desk.take({ tenantId, grantId, need: 500, turn: 1 }).catch((error: unknown) => {
          expect(error).toMatchObject(late);
        }),
        desk.release(tenantId, grantId, 0, false, 2),
      ]);
      expect((await desk.take({ tenantId, need: 1_000 })).granted).toBe(true);
    }
  });

  test('a grant of a gateway or tenant that does not exist is made by no release', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    await expect(desk.release(randomUUID(), randomUUID(), 0, true, 2)).rejects.toMatchObject({ code: 'TD404' });
    await expect(desk.release(tenantId, randomUUID(), 0, true)).rejects.toMatchObject({ code: 'TD404' });
  });

  test('model: whatever arrives when, the grant is what the last message in turn left', async () => {
    const message = fc.record({
      total: fc.integer({ min: 0, max: 900 }),
      take: fc.boolean(),
      /** How many messages later it arrives; 0: at once. */
      late: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 4 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 10 }), async (messages) => {
        const { tenantId } = await cappedTenant(1_000n);
        const grantId = randomUUID();
        const arrivals = messages
          .map((each, index) => ({ ...each, turn: index + 1, at: index + each.late }))
          .toSorted((a, b) => a.at - b.at || a.turn - b.turn);
        let amount = 0;
        let heard = 0;
        let gone = false;
        for (const { turn, take, total } of arrivals) {
          const outcome = take
            ? await desk.take({ tenantId, grantId, need: total, turn }).catch(() => undefined)
            : await desk.release(tenantId, grantId, total, false, turn).catch(() => undefined);
          if (gone || turn < heard) {
            if (take || turn < heard) expect(outcome).toBeUndefined();
            continue;
          }
          gone = !take && heard === 0;
          heard = turn;
          if (!gone) amount = take ? Math.max(amount, total) : Math.min(amount, total);
          expect(outcome).toMatchObject({ amount });
          expect(await grantedOf(tenantId)).toBe(BigInt(amount));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('release_grant', () => {
  test('gives back down to what is charged, never up, and the same again changes nothing', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 500 });
    await desk.charge(tenantId, 120, { grant_id: grantId });
    expect(await desk.release(tenantId, grantId, 300)).toMatchObject({ amount: 300, released: 200, state: 'open' });
    expect(await desk.release(tenantId, grantId, 300)).toMatchObject({ amount: 300, released: 0 });
    expect(await desk.release(tenantId, grantId, 900)).toMatchObject({ amount: 300, released: 0 });
    expect(await desk.release(tenantId, grantId, 0, true)).toMatchObject({
      amount: 120,
      charged: 120,
      state: 'closed',
    });
    expect(await desk.release(tenantId, grantId, 0, true)).toMatchObject({ amount: 120, released: 0, state: 'closed' });
    expect(await desk.take({ tenantId, need: 880 })).toMatchObject({ granted: true });
    await expect(desk.release(tenantId, randomUUID(), 0)).rejects.toMatchObject({ code: 'TD404' });
    await expect(desk.release(tenantId, grantId, -1)).rejects.toMatchObject({ code: 'TD400' });
  });
});

describe('ingest', () => {
  test('a batch sent twice, or twice in one batch, counts once', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const record = ledgerRecord(tenantId, { cost_nanousd: 7 });
    expect(await desk.ingest({ records: [record, record] })).toMatchObject({ inserted: 1, duplicates: 1 });
    expect(await desk.ingest({ records: [record] })).toMatchObject({ inserted: 0, duplicates: 1, capPeriods: [] });
    const attempt = await desk.ingest({ records: [{ ...record, attempt: 2 }] });
    expect(attempt.capPeriods).toMatchObject([{ charged: 14, granted: 14 }]);
  });

  test('a record under a grant is charged to it and takes nothing more from the cap', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 100 });
    expect(await desk.charge(tenantId, 60, { grant_id: grantId })).toMatchObject({
      capPeriods: [{ granted: 100, charged: 60 }],
      overBound: [],
    });
  });

  test('a bill above the grant is charged in full and said', async () => {
    const { tenantId, capId } = await cappedTenant(100n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 100 });
    expect(await desk.charge(tenantId, 130, { grant_id: grantId })).toMatchObject({
      capPeriods: [{ capId, limit: 100, granted: 130, charged: 130 }],
      overBound: [{ tenantId, grantId, nanoUsd: 30 }],
    });
    expect(await desk.take({ tenantId, grantId, need: 131 })).toMatchObject({ granted: false, failed: capId });
  });

  test('charge, release and close in one batch', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 500 });
    const answer = await desk.ingest({
      records: [ledgerRecord(tenantId, { cost_nanousd: 20, grant_id: grantId })],
      release: [{ tenant_id: tenantId, grant_id: grantId, amount_total: 50, close: true }],
    });
    expect(answer.capPeriods).toMatchObject([{ granted: 50, charged: 20 }]);
    // Settled before the close, ingested after it: inside the total.
    const late = await desk.charge(tenantId, 30, { grant_id: grantId });
    expect(late).toMatchObject({ capPeriods: [{ granted: 50, charged: 50 }], overBound: [] });
  });

  test('an estimate corrected after the close gives the difference back', async () => {
    const { tenantId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 100 });
    const estimate = ledgerRecord(tenantId, {
      cost_nanousd: 100,
      grant_id: grantId,
      kind: 'estimate',
      outcome: 'unknown',
    });
    await desk.ingest({
      records: [estimate],
      release: [{ tenant_id: tenantId, grant_id: grantId, amount_total: 100, close: true }],
    });
    const correction = {
      ...estimate,
      kind: 'correction' as const,
      cost_nanousd: -40,
      input_tokens: 0,
      output_tokens: 0,
    };
    expect((await desk.ingest({ records: [correction] })).capPeriods).toMatchObject([{ granted: 60, charged: 60 }]);
  });

  test('a cap made after the grant is charged all the same', async () => {
    const { tenantId, capId } = await cappedTenant(1_000n);
    const grantId = randomUUID();
    await desk.take({ tenantId, grantId, need: 100 });
    const dayCap = await makeCap(db, tenantId, { limitNanoUsd: 1_000n, period: 'day' });
    const { capPeriods } = await desk.charge(tenantId, 10, { grant_id: grantId });
    const found = Object.fromEntries(capPeriods.map((period) => [period.capId, [period.granted, period.charged]]));
    expect(found).toEqual({ [capId]: [100, 10], [dayCap]: [10, 10] });
  });

  test('history fills rollups in the tenant’s days and leaves other periods alone', async () => {
    const { id: tenantId } = await makeTenant(db, { timeZone: 'Asia/Kathmandu' });
    await makeCap(db, tenantId, { limitNanoUsd: 1_000n });
    const [day] = (await db.owner.query<{ day: string }>(`select (now() - interval '60 days')::date as day`)).rows;
    // 18:15 UTC is midnight in Kathmandu
    await desk.charge(tenantId, 5, { occurred_at: `${day!.day}T18:14:59.999Z` });
    await desk.charge(tenantId, 6, { occurred_at: `${day!.day}T18:15:00Z` });
    const { rows } = await db.owner.query<{ day: string; cost_nanousd: bigint }>(
      `select day, cost_nanousd from platform.usage_tenant_daily where tenant_id = $1 order by day`,
      [tenantId],
    );
    expect(rows.map(({ cost_nanousd: cost }) => cost)).toEqual([5n, 6n]);
    expect(rows[0]!.day).toBe(day!.day);
    const periods = await db.owner.query('select charged_nanousd from platform.cap_periods where tenant_id = $1', [
      tenantId,
    ]);
    expect(periods.rows).toEqual([{ charged_nanousd: 0n }]);
  });

  test('calls, failures and tokens are summed; corrections are no calls; a client that left is no failure', async () => {
    const { id: tenantId } = await makeTenant(db);
    const base = { input_tokens: 10, output_tokens: 5 };
    const first = ledgerRecord(tenantId, base);
    await desk.ingest({
      records: [
        first,
        ledgerRecord(tenantId, { ...base, outcome: 'client_closed' }),
        ledgerRecord(tenantId, { ...base, outcome: 'provider_error', http_status: 500, cost_nanousd: 0 }),
        { ...first, kind: 'correction', cost_nanousd: -5, input_tokens: -1, output_tokens: 0 },
      ],
    });
    const { rows } = await db.owner.query(
      'select sum(calls)::int as calls, sum(failed_calls)::int as failed, sum(input_tokens)::int as i, sum(output_tokens)::int as o from platform.usage_daily where tenant_id = $1',
      [tenantId],
    );
    expect(rows).toEqual([{ calls: 3, failed: 1, i: 29, o: 15 }]);
  });

  test('refusals and unpriced models are kept once', async () => {
    const { id: tenantId } = await makeTenant(db);
    const refusal = {
      tenant_id: tenantId,
      request_id: 'r1',
      refused_at: new Date(),
      http_status: 400,
      type: 'unpriced_model',
    };
    const batch = {
      refusals: [refusal, { ...refusal, request_id: 'r2', code: 'x', facts: { model: 'm' } }],
      unpriced: ['r1', 'r2'].map((id) => ({ tenant_id: tenantId, provider: 'openai', model: 'm', request_id: id })),
    };
    await desk.ingest(batch);
    await desk.ingest(batch);
    const { rows } = await db.owner.query(
      `select (select count(*)::int from platform.refusals where tenant_id = $1) as refusals, calls from platform.unpriced_models where tenant_id = $1`,
      [tenantId],
    );
    expect(rows).toEqual([{ refusals: 2, calls: 2n }]);
  });

  test('a batch with something wrong leaves nothing behind', async () => {
    const { id: tenantId } = await makeTenant(db);
    const good = ledgerRecord(tenantId);
    for (const bad of [
      { ...good, tenant_id: randomUUID() },
      { ...good, request_id: 'b', occurred_at: '2001-01-01T00:00:00Z' },
      { ...good, request_id: 'b', kind: 'gift' as 'charge' },
      { ...good, request_id: 'b', cost_nanousd: 'x' as unknown as number },
    ]) {
      await expect(desk.ingest({ records: [good, bad] })).rejects.toThrow();
    }
    const { rowCount } = await db.owner.query('select from platform.usage_records where tenant_id = $1', [tenantId]);
    expect(rowCount).toBe(0);
  });

  test('gateways that ingest, take, release and change caps for the same tenants at once: nobody dies of a deadlock, all sums agree', async () => {
    const tenants = await Promise.all([1, 2, 3, 4].map(() => cappedTenant(10_000_000n)));
    for (const { tenantId } of tenants) await makeCap(db, tenantId, { limitNanoUsd: 5_000_000n, period: 'day' });
    const desks = await Promise.all([1, 2, 3, 4].map(() => makeGrantDesk(db)));
    await Promise.all(
      desks.map(async (each, n) => {
        // Grants, and records of all tenants in another order a gateway.
        const order = [...tenants.slice(n), ...tenants.slice(0, n)];
        const grants = new Map(order.map(({ tenantId }) => [tenantId, randomUUID()]));
        for (let round = 1; round <= 12; round += 1) {
          await Promise.all([
            ...order.map(({ tenantId }) =>
              each.take({ tenantId, grantId: grants.get(tenantId)!, need: round * 100, want: round * 120 }),
            ),
            each.ingest({
              records: order.flatMap(({ tenantId }) => [
                ledgerRecord(tenantId, { cost_nanousd: 40 }),
                ...(round > 1 ? [ledgerRecord(tenantId, { cost_nanousd: 90, grant_id: grants.get(tenantId)! })] : []),
              ]),
            }),
          ]);
        }
        await Promise.all(order.map(({ tenantId }) => each.release(tenantId, grants.get(tenantId)!, 0, true)));
      }),
    );
    const { rows } = await db.owner.query<{ charged: bigint; granted: bigint }>(
      'select charged_nanousd as charged, granted_nanousd as granted from platform.cap_periods where tenant_id = any ($1)',
      [tenants.map(({ tenantId }) => tenantId)],
    );
    const each = BigInt(4 * (12 * 40 + 11 * 90));
    expect(rows).toEqual(Array.from({ length: 8 }, () => ({ charged: each, granted: each })));
  });
});

test('a period that opens while usage comes in misses none of it', async () => {
  const desks = await Promise.all([1, 2].map(() => makeGrantDesk(db)));
  const tenants = await Promise.all(Array.from({ length: 30 }, () => makeTenant(db)));
  // The caps are made without periods; the first ask opens them beside running ingests.
  await Promise.all(tenants.map(({ id }) => makeCap(db, id, { limitNanoUsd: 1_000n })));
  await Promise.all(
    tenants.flatMap(({ id: tenantId }) => [
      desks[0]!.charge(tenantId, 3),
      desks[1]!.take({ tenantId, need: 10 }),
      desks[1]!.charge(tenantId, 4),
    ]),
  );
  const { rows } = await db.owner.query(
    `select distinct charged_nanousd as charged, granted_nanousd as granted from platform.cap_periods where tenant_id = any ($1)`,
    [tenants.map(({ id }) => id)],
  );
  expect(rows).toEqual([{ charged: 7n, granted: 17n }]);
});

test('model: any order of take, charge, release and repeats keeps granted within the limit and all sums equal', async () => {
  const amount = fc.integer({ min: 0, max: 400 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('take' as const), grant: fc.nat(2), need: amount, more: amount }),
    fc.record({ do: fc.constant('charge' as const), grant: fc.nat(2), cost: amount, again: fc.boolean() }),
    fc.record({ do: fc.constant('release' as const), grant: fc.nat(2), to: amount, close: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { tenantId } = await cappedTenant(1_000n);
      const open = () => ({ id: randomUUID(), amount: 0, charged: 0, made: false });
      const grants = [open(), open(), open()];
      let gone = 0; // charged to grants that are closed
      for (const one of steps) {
        const grant = grants[one.grant]!;
        const granted = () => gone + grants.reduce((sum, { amount: each }) => sum + each, 0);
        if (one.do === 'take') {
          const need = grant.charged + one.need;
          const room = 1_000 - granted();
          const answer = await desk.take({ tenantId, grantId: grant.id, need, want: need + one.more });
          expect(answer.granted).toBe(need - grant.amount <= 0 || need - grant.amount <= room);
          if (answer.granted) {
            expect(answer.amount).toBeGreaterThanOrEqual(Math.max(need, grant.amount));
            expect(answer.amount).toBeLessThanOrEqual(Math.max(need + one.more, grant.amount));
            grant.amount = answer.amount;
            grant.made = true;
          }
          expect(answer.scopes[0]!.granted).toBe(granted());
          expect(granted()).toBeLessThanOrEqual(1_000);
        } else if (one.do === 'charge' && grant.made) {
          const cost = Math.min(one.cost, grant.amount - grant.charged);
          const record: LedgerRecord = ledgerRecord(tenantId, { cost_nanousd: cost, grant_id: grant.id });
          await desk.ingest({ records: [record] });
          if (one.again) expect(await desk.ingest({ records: [record] })).toMatchObject({ inserted: 0 });
          grant.charged += cost;
        } else if (one.do === 'release' && grant.made) {
          const answer = await desk.release(tenantId, grant.id, grant.charged + one.to, one.close);
          grant.amount = Math.min(grant.amount, grant.charged + one.to);
          expect(answer).toMatchObject({ amount: grant.amount, charged: grant.charged });
          if (one.close) {
            gone += grant.amount;
            grants[one.grant] = open();
          }
        }
      }
      const { rows } = await db.owner.query<{ granted: bigint; charged: bigint; ledger: bigint }>(
        `select granted_nanousd as granted, charged_nanousd as charged,
           (select coalesce(sum(cost_nanousd), 0)::bigint from platform.usage_records u where u.tenant_id = p.tenant_id) as ledger
         from platform.cap_periods p where tenant_id = $1`,
        [tenantId],
      );
      for (const row of rows) {
        expect(row.granted).toBeLessThanOrEqual(1_000n);
        expect(row.granted).toBe(BigInt(gone + grants.reduce((sum, { amount: each }) => sum + each, 0)));
        expect(row.charged).toBe(row.ledger);
      }
    }),
    { numRuns: 40 },
  );
});
