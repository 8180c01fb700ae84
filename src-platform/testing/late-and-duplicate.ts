import type { Pool } from 'pg';
import { makeCap, makeGateway, makeTenant, makeWorkflow } from './factories.ts';
import { ledgerDrift } from './ledger-drift.ts';
import { ledgerRecord, type LedgerRecord } from './ledger-record.ts';
import type { TestDatabase } from './test-database.ts';

export interface LateAndDuplicateOptions {
  /** A migrated database; its partitions are made here. */
  readonly db: TestDatabase;
  /** Rows, each sent three times. */
  readonly rows: number;
  /** Connections are killed while about so many batches are under way. */
  readonly kills: number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly say?: (line: string) => void;
}

export interface LateAndDuplicateResult {
  readonly sent: number;
  readonly inLedger: number;
  readonly killed: number;
  /** See {@link ledgerDrift}. */
  readonly drift: string[];
}

/** Half and quarter hours off, the far end of the calendar, and both ways over both changes of the clocks. */
const ZONES = [
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Pacific/Kiritimati',
  'America/New_York',
  'Europe/Berlin',
];
const SENDERS = 3;
const MOST_IN_BATCH = 120;

/**
 * Rows of the last months, many of them around midnight and around changes of the clocks, each sent three times in random order by several
 * connections at once, which are killed now and then and send the same batch again. Then the rollups are held against the ledger.
 */
export async function lateAndDuplicateRows(options: LateAndDuplicateOptions): Promise<LateAndDuplicateResult> {
  const { db, random, say = () => undefined } = options;
  const gatewayId = await makeGateway(db);
  await db.connect(db.gatewayUrl).query(`select platform.ensure_partitions((now() + interval '1 month')::date)`);
  const tenants = await Promise.all(ZONES.map((timeZone) => makeCappedTenant(db, timeZone)));
  const instants = new Map<string, Date[]>();
  for (const { id, timeZone } of tenants) instants.set(id, await edges(db.owner, timeZone));
  const rows = Array.from({ length: options.rows }, (_, n) => makeRow(pick(tenants, random), n, instants, random));
  const sends = shuffle([...rows, ...rows, ...rows], random);
  const batches: LedgerRecord[][] = [];
  for (let at = 0; at < sends.length;) {
    const size = 1 + Math.floor(random() * MOST_IN_BATCH);
    batches.push(sends.slice(at, at + size));
    at += size;
  }
  const killEvery = Math.max(1, Math.floor(batches.length / Math.max(1, options.kills)));
  let killed = 0;
  let done = 0;
  const gateway = db.connect(db.gatewayUrl, SENDERS);
  const superuser = db.connect(db.superuserUrl, 1);

  async function send(batch: readonly LedgerRecord[], kill: boolean): Promise<void> {
    const client = await gateway.connect();
    const ignore = (): void => undefined;
    client.on('error', ignore);
    let broken = false;
    try {
      const { rows: me } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const answer = client.query('select platform.ingest($1, $2)', [gatewayId, JSON.stringify({ records: batch })]);
      // It may end while we wait for the killing.
      answer.catch(ignore);
      // Somewhere in the batch, before or after its commit.
      if (kill) await superuser.query('select pg_sleep($2), pg_terminate_backend($1)', [me[0]?.pid, random() / 40]);
      await answer;
    } catch (error) {
      if (!kill) throw error;
      broken = true;
      killed += 1;
    } finally {
      client.off('error', ignore);
      // The killing may also have come after the answer.
      client.release(kill);
    }
    if (broken) await send(batch, false);
  }

  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
        done += 1;
        await send(batch, done % killEvery === 0);
        if (done % 500 === 0) say(`${done} batches in, ${batches.length} to go, ${killed} killed`);
      }
    }),
  );
  const ids = tenants.map(({ id }) => id);
  const { rows: counted } = await db.owner.query<{ n: number }>(
    'select count(*)::int as n from platform.usage_records where tenant_id = any ($1)',
    [ids],
  );
  return { sent: sends.length, inLedger: counted[0]?.n ?? 0, killed, drift: await ledgerDrift(db.owner, ids) };
}

interface Tenant {
  readonly id: string;
  readonly timeZone: string;
  readonly workflows: readonly (string | null)[];
}

async function makeCappedTenant(db: TestDatabase, timeZone: string): Promise<Tenant> {
  const { id } = await makeTenant(db, { timeZone, anchorDay: 5 });
  await makeCap(db, id, { limitNanoUsd: 9_000_000_000_000_000n });
  await makeCap(db, id, { limitNanoUsd: 9_000_000_000_000_000n, period: 'day' });
  return { id, timeZone, workflows: [null, await makeWorkflow(db, id, 'one'), await makeWorkflow(db, id, 'two')] };
}

/** Midnights of the last days and of each day that is longer or shorter than 24 hours, in the last year. */
async function edges(owner: Pool, zone: string): Promise<Date[]> {
  const { rows } = await owner.query<{ at: Date }>(
    `select m.at from (
       select platform.local_midnight(d::date, $1) as at, platform.local_midnight(d::date + 1, $1) as next, d
       from generate_series(timezone($1, now())::date - 365, timezone($1, now())::date, interval '1 day') d) m
     where m.next - m.at <> interval '24 hours' or m.d > now() - interval '4 days' or extract(day from m.d) = 1`,
    [zone],
  );
  return rows.map(({ at }) => at);
}

function makeRow(
  { id, workflows }: Tenant,
  n: number,
  instants: ReadonlyMap<string, Date[]>,
  random: () => number,
): LedgerRecord {
  const now = Date.now();
  const edge = pick(instants.get(id) ?? [], random).getTime();
  // A day around the edge, mostly close to it; never in the future.
  const at = Math.min(now, edge + Math.round((random() - 0.3) * (random() < 0.5 ? 3_600_000 : 90_000_000)));
  const kind = random() < 0.04 ? 'correction' : random() < 0.1 ? 'estimate' : 'charge';
  return ledgerRecord(id, {
    occurred_at: new Date(at).toISOString(),
    request_id: `late-${n}`,
    attempt: random() < 0.05 ? 2 : 1,
    kind,
    workflow_id: pick(workflows, random),
    session: random() < 0.5 ? `session-${Math.floor(random() * 40)}` : null,
    model: pick(['gpt-4o', 'gpt-5'], random),
    input_tokens: Math.floor(random() * 5_000),
    output_tokens: Math.floor(random() * 900),
    cost_nanousd: Math.floor(random() * 3_000_000_000) * (kind === 'correction' ? -1 : 1),
    latency_ms: random() < 0.05 ? null : Math.floor(20 + random() ** 3 * 30_000),
    outcome: random() < 0.1 ? 'provider_error' : 'ok',
  });
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
