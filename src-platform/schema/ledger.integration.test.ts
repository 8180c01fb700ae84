import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCap, makeOperator, makeTenant, makeWorkflow, type MadeOperator } from '../testing/factories.ts';
import { refusalOf } from '../testing/cap-desk.ts';
import { makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { lateAndDuplicateRows } from '../testing/late-and-duplicate.ts';
import { ledgerDrift } from '../testing/ledger-drift.ts';
import { ledgerRecord, type LedgerRecord } from '../testing/ledger-record.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { seededRandom } from '../local/seeded-random.ts';

let db: TestDatabase;
let desk: GrantDesk;
let admin: MadeOperator;
beforeAll(async () => {
  db = await createTestDatabase();
  desk = await makeGrantDesk(db);
  admin = await makeOperator(db, { role: 'admin' });
});
afterAll(() => db.close());

const asAdmin = async <T>(text: string, values: unknown[]): Promise<T> => {
  const { rows } = await db.connect(admin.url).query<{ answer: T }>(`select ${text} as answer`, values);
  return rows[0]!.answer;
};

test('rows that come late, twice, thrice and through killed connections are in ledger and rollups once', async () => {
  const result = await lateAndDuplicateRows({ db, rows: 1_500, kills: 12, random: seededRandom('late rows') });
  expect(result).toMatchObject({ sent: 4_500, inLedger: 1_500, drift: [] });
  expect(result.killed).toBeGreaterThan(0);
});

test('an attempt that was charged is not estimated as well, whoever says so later', async () => {
  const { id } = await makeTenant(db);
  await makeCap(db, id, { limitNanoUsd: 1_000_000_000n });
  const charge = ledgerRecord(id, { cost_nanousd: 7 });
  await desk.ingest({ records: [charge] });
  const estimate = { ...charge, kind: 'estimate' as const, outcome: 'unknown', cost_nanousd: 900 };
  const next = { ...estimate, attempt: 2 };
  expect(await desk.ingest({ records: [estimate, next] })).toMatchObject({ inserted: 1, duplicates: 1 });
  const { rows } = await db.owner.query(
    'select attempt, kind, cost_nanousd as cost from platform.usage_records where tenant_id = $1 order by 1',
    [id],
  );
  expect(rows).toEqual([
    { attempt: 1, kind: 'charge', cost: 7n },
    { attempt: 2, kind: 'estimate', cost: 900n },
  ]);
  expect(await ledgerDrift(db.owner, [id])).toEqual([]);
});

describe('latencies', () => {
  test('percentiles of any merged set are within 5 % of the exact ones', async () => {
    const random = seededRandom('latencies');
    const { id } = await makeTenant(db);
    const day = 86_400_000;
    const took = Array.from({ length: 1_200 }, () => Math.ceil(Math.exp(random() * 11)));
    await desk.ingest({
      records: took.map((latency_ms, n) =>
        ledgerRecord(id, {
          latency_ms,
          model: n % 2 ? 'a' : 'b',
          occurred_at: new Date(Date.now() - (n % 5) * day).toISOString(),
        }),
      ),
    });
    // Neither failed calls nor corrections say how long an answer takes.
    await desk.charge(id, 1, { latency_ms: 90_000_000, outcome: 'provider_error' });
    await desk.charge(id, -1, { latency_ms: 90_000_000, kind: 'correction' });
    took.sort((a, b) => a - b);
    const viewer = db.connect((await makeOperator(db, { role: 'viewer' })).url);
    for (const table of ['usage_daily', 'usage_tenant_daily', 'usage_15min']) {
      for (const share of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
        const exact = took[Math.ceil(took.length * share) - 1]!;
        const { rows } = await viewer.query<{ at: number }>(
          `select platform.latency_at(platform.sum_counts(latency), $2) as at from platform.${table} where tenant_id = $1`,
          [id, share],
        );
        expect(Math.abs(rows[0]!.at - exact) / exact, `${table}, ${share}`).toBeLessThanOrEqual(0.05);
      }
    }
  });

  test('no call, no percentile', async () => {
    expect(await asAdmin(`platform.latency_at('{}', 0.5)`, [])).toBeNull();
  });
});

describe('counters', () => {
  const counters = async (tenantId: string): Promise<Record<string, unknown>[]> =>
    (
      await db.owner.query<Record<string, unknown>>(
        `select day - current_date as day, messages, conversations, integration_calls from platform.usage_tenant_daily
         where tenant_id = $1 order by day`,
        [tenantId],
      )
    ).rows;
  const call = (tenantId: string, daysAgo: number, more: Partial<LedgerRecord> = {}): LedgerRecord =>
    ledgerRecord(tenantId, { occurred_at: new Date(Date.now() - daysAgo * 86_400_000).toISOString(), ...more });

  test('a call is a message, however often it was tried; a session is a conversation of the day it began', async () => {
    const { id } = await makeTenant(db, { timeZone: 'UTC' });
    await desk.ingest({
      records: [
        call(id, 1, { request_id: 'x', session: 's' }),
        call(id, 1, { request_id: 'x', attempt: 2, session: 's' }),
        call(id, 0, { session: 's' }),
        call(id, 0, { session: 't' }),
        call(id, 0, { kind: 'correction', session: 'u' }),
      ],
    });
    expect(await counters(id)).toEqual([
      { day: -1, messages: 1n, conversations: 1n, integration_calls: 0n },
      { day: 0, messages: 2n, conversations: 1n, integration_calls: 0n },
    ]);
    await desk.ingest({ records: [call(id, 2, { session: 't' })] });
    expect(await counters(id), 'its first call came late').toMatchObject([
      { conversations: 1n },
      { conversations: 1n },
      { conversations: 0n },
    ]);
    expect(await ledgerDrift(db.owner, [id])).toEqual([]);
  });

  test('calls to other systems are counted once an id', async () => {
    const { id } = await makeTenant(db, { timeZone: 'UTC' });
    const counter = (name: string, daysAgo = 0): object => ({
      tenant_id: id,
      id: name,
      occurred_at: new Date(Date.now() - daysAgo * 86_400_000),
      integration: 'crm',
    });
    await desk.ingest({ counters: [counter('a'), counter('b'), counter('c', 1)] });
    await desk.ingest({ counters: [counter('a'), counter('b')] });
    expect(await counters(id)).toMatchObject([
      { messages: 0n, integration_calls: 1n },
      { messages: 0n, integration_calls: 2n },
    ]);
    expect(await ledgerDrift(db.owner, [id])).toEqual([]);
    await expect(desk.ingest({ counters: [{ ...counter('d'), tenant_id: randomUUID() }] })).rejects.toMatchObject({
      code: 'TD404',
    });
  });
});

describe('a changed time zone', () => {
  const setZone = (tenantId: string, zone: string, expected: string, key = randomUUID()): Promise<unknown> =>
    asAdmin('platform.set_tenant_zone($1, $2, $3, $4, $5)', [tenantId, zone, expected, key, 'moved']);

  async function usedTenant(timeZone: string): Promise<string> {
    const random = seededRandom(`zone ${timeZone}`);
    const { id } = await makeTenant(db, { timeZone });
    await makeCap(db, id, { limitNanoUsd: 9_000_000_000_000n });
    const workflow = await makeWorkflow(db, id);
    await desk.ingest({
      records: Array.from({ length: 400 }, (_, n) =>
        ledgerRecord(id, {
          occurred_at: new Date(Date.now() - random() * 75 * 86_400_000).toISOString(),
          workflow_id: n % 3 ? workflow : null,
          session: `s${n % 50}`,
          cost_nanousd: Math.floor(random() * 1e9),
          latency_ms: Math.ceil(random() * 4_000),
        }),
      ),
      counters: Array.from({ length: 30 }, (_, n) => ({
        tenant_id: id,
        id: `i${n}`,
        occurred_at: new Date(Date.now() - random() * 75 * 86_400_000),
        integration: 'crm',
      })),
    });
    return id;
  }

  test('cuts days and months anew from the ledger, while usage comes in, and leaves the running period', async () => {
    const id = await usedTenant('Asia/Kolkata');
    const periods = () =>
      db.owner.query('select period_start, period_end from platform.cap_periods where tenant_id = $1 order by 1', [id]);
    const before = (await periods()).rows;
    const changed = new AbortController();
    const ingesting = (async () => {
      let rows = 0;
      while (!changed.signal.aborted) rows += (await desk.charge(id, 7, { session: randomUUID() })).inserted;
      return rows;
    })();
    await setZone(id, 'America/St_Johns', 'Asia/Kolkata');
    await setZone(id, 'Pacific/Kiritimati', 'America/St_Johns');
    changed.abort();
    expect(await ingesting).toBeGreaterThan(0);
    expect(await ledgerDrift(db.owner, [id])).toEqual([]);
    expect((await periods()).rows).toEqual(before);
    await setZone(id, 'Asia/Kolkata', 'Pacific/Kiritimati');
    expect(await ledgerDrift(db.owner, [id])).toEqual([]);
  });

  test('is the change of an admin, of the zone they saw, once, and in the audit log', async () => {
    const id = await usedTenant('Europe/Berlin');
    const key = randomUUID();
    const first = await setZone(id, 'Asia/Kathmandu', 'Europe/Berlin', key);
    expect(await setZone(id, 'Asia/Kathmandu', 'Europe/Berlin', key)).toEqual(first);
    expect(await refusalOf(setZone(id, 'UTC', 'Europe/Berlin'))).toMatchObject({
      code: 'TD409',
      detail: '{"currentTimeZone": "Asia/Kathmandu"}',
    });
    expect(await refusalOf(setZone(id, 'Mars/Olympus', 'Asia/Kathmandu'))).toMatchObject({
      code: 'TD400',
      message: 'There is no time zone "Mars/Olympus". Give one such as Asia/Kolkata.',
    });
    expect(await refusalOf(setZone(id, 'Asia/Kathmandu', 'Asia/Kathmandu'))).toMatchObject({ code: 'TD400' });
    expect(await refusalOf(setZone(randomUUID(), 'UTC', 'UTC'))).toMatchObject({ code: 'TD404' });
    const { rows } = await db.owner.query(
      `select action, before, after, reason from platform.audit_log where tenant_id = $1`,
      [id],
    );
    expect(rows).toEqual([
      {
        action: 'tenant.zone_set',
        before: { timeZone: 'Europe/Berlin' },
        after: { timeZone: 'Asia/Kathmandu' },
        reason: 'moved',
      },
    ]);
    const operator = await makeOperator(db, { role: 'operator' });
    await expect(
      db.connect(operator.url).query(`select platform.set_tenant_zone($1, 'UTC', 'UTC', $2)`, [id, key]),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('what grows old', () => {
  test('quarter hours of more than 40 days ago are cleaned away, so many at a time; younger ones stay', async () => {
    const { id } = await makeTenant(db);
    await desk.charge(id, 1);
    await db.owner.query(
      `insert into platform.usage_15min (tenant_id, bucket, model, calls, failed_calls, input_tokens, cached_input_tokens, output_tokens,
         reasoning_tokens, cost_nanousd)
       select $1, date_bin('15 minutes', now(), 'epoch') - n * interval '10 days', 'm', 1, 0, 0, 0, 0, 0, 0 from generate_series(1, 10) n`,
      [id],
    );
    const left = async (): Promise<number> =>
      (
        await db.owner.query<{ n: number }>(
          'select count(*)::int as n from platform.usage_15min where tenant_id = $1 and model = $2',
          [id, 'm'],
        )
      ).rows[0]!.n;
    const clean = async (most: number): Promise<number> =>
      (await desk.pool.query<{ n: number }>('select platform.clean_quarter_hours($1) as n', [most])).rows[0]!.n;
    expect(await clean(4)).toBe(4);
    expect(await left()).toBe(6);
    await clean(1000);
    expect(await left()).toBe(4);
    expect(await clean(1000)).toBe(0);
    expect(await refusalOf(clean(0))).toMatchObject({ code: 'TD400' });
  });

  test('old months leave the ledger, closed as before; rollups keep them and no sum changes with another zone', async () => {
    const own = await createTestDatabase();
    try {
      const ownDesk = await makeGrantDesk(own);
      const ownAdmin = own.connect((await makeOperator(own, { role: 'admin' })).url);
      const { id } = await makeTenant(own, { timeZone: 'Asia/Kolkata' });
      // As ensure_partitions made it then.
      await own.owner.query(`begin; set local role td_owner;
        create table platform.usage_records_2024_03 partition of platform.usage_records
          for values from ('2024-03-01 00:00:00+00') to ('2024-04-01 00:00:00+00');
        alter table platform.usage_records_2024_03 enable row level security;
        alter table platform.usage_records_2024_03 force row level security; commit`);
      await ownDesk.charge(id, 500, { occurred_at: '2024-03-15T20:00:00Z' });
      await ownDesk.charge(id, 70);
      const months = async (): Promise<unknown> =>
        (
          await own.owner.query(
            'select month::text, cost_nanousd from platform.usage_tenant_monthly where tenant_id = $1 order by 1',
            [id],
          )
        ).rows;
      const before = await months();
      const detach = (keep: number | null) =>
        ownAdmin.query<{ names: string[] }>(`select platform.detach_partitions($1, 'yearly') as names`, [keep]);
      expect(await refusalOf(detach(12))).toMatchObject({ code: 'TD400' });
      expect((await detach(14)).rows).toEqual([{ names: ['usage_records_2024_03'] }]);
      expect((await detach(14)).rows).toEqual([{ names: [] }]);

      expect((await own.owner.query('select from platform.usage_records where tenant_id = $1', [id])).rowCount).toBe(1);
      expect(await months()).toEqual(before);
      await ownAdmin.query(`select platform.set_tenant_zone($1, 'Pacific/Kiritimati', 'Asia/Kolkata', $2)`, [
        id,
        randomUUID(),
      ]);
      expect(await months()).toEqual(before);

      const archived = 'platform_archive.usage_records_2024_03';
      for (const url of [own.urlFor('td_tenant'), own.gatewayUrl, own.urlFor('td_admin'), own.urlFor('td_auditor')]) {
        await expect(own.connect(url).query(`select from ${archived}`)).rejects.toMatchObject({ code: '42501' });
      }
      expect((await own.owner.query(`select cost_nanousd from ${archived}`)).rows).toEqual([{ cost_nanousd: 500n }]);
      await expect(own.owner.query(`delete from ${archived}`)).rejects.toMatchObject({ code: 'TD403' });
      const { rows } = await own.owner.query(
        `select relrowsecurity, relforcerowsecurity, relacl from pg_class where oid = $1::regclass`,
        [archived],
      );
      expect(rows).toEqual([{ relrowsecurity: true, relforcerowsecurity: true, relacl: null }]);
      await expect(ownDesk.charge(id, 1, { occurred_at: '2024-03-16T00:00:00Z' })).rejects.toMatchObject({
        code: '23514',
      });
      const audit = await own.owner.query<{ after: object }>(
        `select after from platform.audit_log where action = 'ledger.months_detached'`,
      );
      expect(audit.rows).toEqual([{ after: { months: ['usage_records_2024_03'], keepMonths: 14 } }]);
      // The owner's script may as well, an operator may not.
      expect((await own.owner.query('select platform.detach_partitions(14) as names')).rows).toEqual([{ names: [] }]);
      const operator = await makeOperator(own, { role: 'operator' });
      await expect(own.connect(operator.url).query('select platform.detach_partitions(14)')).rejects.toMatchObject({
        code: '42501',
      });
    } finally {
      await own.close();
    }
  });
});

test('a day that ends without a call: the board counts from the new day on, before and after its row is rolled', async () => {
  const { id } = await makeTenant(db, { timeZone: 'Asia/Kathmandu' });
  await db.owner.query(`update platform.tenants set created_at = now() - interval '90 days' where id = $1`, [id]);
  await desk.charge(id, 700, { occurred_at: new Date(Date.now() - 3 * 86_400_000).toISOString() });
  await desk.charge(id, 900);
  await db.owner.query(
    `update platform.board_figures set today = today - 1, today_ends = platform.local_midnight(today, 'Asia/Kathmandu') where tenant_id = $1`,
    [id],
  );
  // As the row would stand had the 900 come before midnight.
  await db.owner.query(
    `update platform.usage_tenant_daily set day = day - 1 where tenant_id = $1 and cost_nanousd = 900`,
    [id],
  );
  const viewer = db.connect((await makeOperator(db, { role: 'viewer' })).url);
  const board = async (): Promise<Record<string, unknown>> =>
    (
      await viewer.query<Record<string, unknown>>(
        'select spent_today_nanousd, calls_today, p95_today_ms, burn_nanousd_per_day from platform.board where tenant_id = $1',
        [id],
      )
    ).rows[0]!;
  const before = await board();
  expect(before).toMatchObject({ spent_today_nanousd: 0n, calls_today: 0n, p95_today_ms: null });
  expect((await desk.pool.query<{ n: number }>('select platform.roll_board(50) as n')).rows[0]!.n).toBeGreaterThan(0);
  expect(await board()).toEqual(before);
});
