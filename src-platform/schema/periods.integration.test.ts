import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

async function bounds(period: string, zone: string, anchorDay: number, at: string): Promise<[string, string]> {
  const { rows } = await db.owner.query<{ period_start: Date; period_end: Date }>(
    'select * from platform.period_bounds($1, $2, $3, $4)',
    [period, zone, anchorDay, at],
  );
  return [rows[0]!.period_start.toISOString(), rows[0]!.period_end.toISOString()];
}

// Written by hand from the zones' rules. The days on which clocks change at or over midnight are the hard ones.
test.each([
  ['month', 'Asia/Kolkata', 1, '2026-11-20T10:00:00Z', '2026-10-31T18:30:00.000Z', '2026-11-30T18:30:00.000Z'],
  ['month', 'Asia/Kathmandu', 1, '2026-11-30T18:14:59Z', '2026-10-31T18:15:00.000Z', '2026-11-30T18:15:00.000Z'],
  ['month', 'Asia/Kathmandu', 1, '2026-11-30T18:15:00Z', '2026-11-30T18:15:00.000Z', '2026-12-31T18:15:00.000Z'],
  ['month', 'America/New_York', 15, '2026-03-15T03:59:59Z', '2026-02-15T05:00:00.000Z', '2026-03-15T04:00:00.000Z'],
  ['month', 'Europe/Berlin', 28, '2026-03-01T00:00:00Z', '2026-02-27T23:00:00.000Z', '2026-03-27T23:00:00.000Z'],
  ['month', 'Europe/Berlin', 28, '2027-02-10T00:00:00Z', '2027-01-27T23:00:00.000Z', '2027-02-27T23:00:00.000Z'],
  ['day', 'Europe/Berlin', 1, '2026-03-29T12:00:00Z', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['day', 'Europe/Berlin', 1, '2026-10-25T12:00:00Z', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  ['day', 'Pacific/Chatham', 1, '2026-11-20T10:14:59Z', '2026-11-19T10:15:00.000Z', '2026-11-20T10:15:00.000Z'],
  // Midnight is skipped: the day begins with the jump.
  ['day', 'Africa/Cairo', 1, '2026-04-24T12:00:00Z', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'],
  // Midnight comes twice: the day begins with the first.
  ['day', 'America/Havana', 1, '2026-11-01T04:30:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
  ['day', 'America/Havana', 1, '2026-11-01T05:30:00Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
  // 24:00 becomes 23:00: the hour comes twice, still in the old day.
  ['day', 'America/Santiago', 1, '2026-04-05T03:30:00Z', '2026-04-04T03:00:00.000Z', '2026-04-05T04:00:00.000Z'],
])('%s in %s, anchor %i, at %s', async (period, zone, anchorDay, at, start, end) => {
  expect(await bounds(period, zone, anchorDay, at)).toEqual([start, end]);
});

test('every zone, 2026 to 2031: periods follow each other without gap or overlap, and each instant is in its own', async () => {
  // Walks from each period to the one of its end, over all zones of the database, those with clock changes at midnight by the day.
  const { rows } = await db.connect(db.superuserUrl).query<{ days: number; months: number; bad: number }>(
    `with recursive zones as (
       select distinct on (name) name from pg_timezone_names where name ~ '^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$' and name !~ '^posix|Etc/'
     ), sample as (
       select name from zones where name in ('Asia/Kathmandu', 'Africa/Cairo', 'America/Havana', 'America/Santiago', 'Atlantic/Azores',
         'Australia/Lord_Howe', 'Asia/Beirut', 'Africa/Casablanca', 'Pacific/Chatham', 'America/Asuncion', 'Antarctica/Troll', 'America/Nuuk')
     ), days as (
       select name, b.* from sample, platform.period_bounds('day', name, 1, '2026-01-01T12:00:00Z') b
       union all
       select d.name, b.* from days d, platform.period_bounds('day', d.name, 1, d.period_end) b where d.period_end < '2028-12-31'
     ), months as (
       select a.name, a.anchor, b.* from
         (select name, 1 as anchor from zones union select name, 15 from sample union select name, 28 from sample) a, platform.period_bounds('month', a.name, a.anchor, '2026-01-01T12:00:00Z') b
       union all
       select m.name, m.anchor, b.* from months m, platform.period_bounds('month', m.name, m.anchor, m.period_end) b where m.period_end < '2031-12-01'
     ), walked as (
       select 'day' as period, name, 1 as anchor, period_start, period_end, lag(period_end) over (partition by name order by period_start) as before from days
       union all
       select 'month', name, anchor, period_start, period_end, lag(period_end) over (partition by name, anchor order by period_start) from months
     )
     select count(*) filter (where period = 'day')::int as days, count(*) filter (where period = 'month')::int as months,
       count(*) filter (where period_start <> before or period_end <= period_start
         or period_end - period_start not between case period when 'day' then interval '22 hours' else interval '27 days 22 hours' end
                                              and case period when 'day' then interval '26 hours' else interval '31 days 2 hours' end
         -- the last instant belongs to the same period, and bounds lie on the quarter hours that rollups are cut in
         or (select b.period_start from platform.period_bounds(period, name, anchor, period_end - interval '1 microsecond') b) <> period_start
         or date_bin('15 minutes', period_start, 'epoch') <> period_start)::int as bad
     from walked`,
  );
  expect(rows[0]!.days).toBeGreaterThan(12_000);
  expect(rows[0]!.months).toBeGreaterThan(25_000);
  expect(rows[0]!.bad).toBe(0);
}, 120_000);

test('anything but a day or an anchored month is refused', async () => {
  for (const [period, anchor] of [
    ['week', 1],
    ['month', 0],
    ['month', 29],
  ]) {
    await expect(
      db.owner.query(`select * from platform.period_bounds($1, 'UTC', $2, now())`, [period, anchor]),
    ).rejects.toMatchObject({ code: 'TD400' });
  }
});

test('a tenant’s zone is an IANA name', async () => {
  for (const zone of ['IST', 'EST5EDT', 'Asia/Nowhere', '+05:30', '']) {
    await expect(
      db.owner.query(
        `insert into platform.tenants (slug, name, plan_id, currency, time_zone) values ('x', 'x', 'pro', 'INR', $1)`,
        [zone],
      ),
      zone,
    ).rejects.toThrow();
  }
});
