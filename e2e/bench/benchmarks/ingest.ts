import type { Pool } from 'pg';
import { copyIn } from '../frame/copy-in.ts';
import { GATEWAY_ID, keyId, startDatabase, tenantId, workflowId } from '../frame/database.ts';
import type { BenchmarkResult, Figure } from '../frame/figure.ts';
import { measureRounds, overRounds } from '../frame/rounds.ts';
import { ratePerSecond } from '../frame/timing.ts';
import type { Workbench } from '../frame/workbench.ts';

const TENANTS = 1000;
const BATCHES = [100, 1000, 5000] as const;
const PEER_BATCH = 1000;
const COLUMNS =
  'tenant_id, occurred_at, request_id, attempt, kind, key_id, workflow_id, session, provider, model, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, units, cost_nanousd, latency_ms, first_token_ms, http_status, outcome, price_version, grant_id';
const TYPES =
  'uuid, timestamptz, text, smallint, text, uuid, uuid, text, text, text, bigint, bigint, bigint, bigint, bigint, bigint, bigint, integer, integer, smallint, text, integer, uuid';

type Row = Readonly<Record<string, string | number | null>>;

/** Rows a second into the ledger by `platform.ingest`, rollups and caps in the same transaction, beside ways that do less. */
export async function ingest(bench: Workbench): Promise<BenchmarkResult> {
  const database = await startDatabase(bench, TENANTS);
  const gateway = database.pool('gateway');
  const { superuser } = database;
  const rows = rowMaker(bench.random);
  const seconds = bench.quick ? 1 : 3;
  const batched = (size: number) => () =>
    ratePerSecond(seconds, 1, async () => {
      await gateway.query('select platform.ingest($1, $2)', [GATEWAY_ID, JSON.stringify({ records: rows(size) })]);
      return size;
    });
  const measured = await measureRounds({
    contenders: {
      single: batched(1),
      ingest100: batched(100),
      ingest1000: batched(1000),
      ingest5000: batched(5000),
      singleInsert: () => ratePerSecond(seconds, 1, () => insertOne(superuser, rows(1))),
      unnest: () => ratePerSecond(seconds, 1, () => insertUnnest(superuser, rows(PEER_BATCH))),
      copy: () => ratePerSecond(seconds, 1, () => insertCopy(superuser, rows(PEER_BATCH))),
    },
    rounds: bench.quick ? 3 : 7,
    random: bench.random,
    signal: bench.signal,
    onRound: (round, number) =>
      bench.say(
        `round ${number}: ${Object.entries(round)
          .map(([name, rate]) => `${name} ${rate.toFixed(0)}`)
          .join(', ')} rows/s`,
      ),
  });
  const names = ['single', 'ingest100', 'ingest1000', 'ingest5000', 'singleInsert', 'unnest', 'copy'] as const;
  const peers = Object.fromEntries(names.map((name) => [name, overRounds(measured, (round) => round[name]).value]));
  const ratio = overRounds(measured, (round) => round.ingest1000 / round.single);
  const conditions = `one connection, ${TENANTS} tenants mixed, flushed to disk; peers in batches of ${PEER_BATCH} by the superuser`;
  const figures: Record<string, Figure> = {
    ingest: {
      ...overRounds(measured, (round) => round.ingest1000),
      unit: `rows/s, batches of ${PEER_BATCH}`,
      goal: '≥ 2 × the gateway’s own highest rate (throughput-64, peers)',
      peers,
      conditions,
    },
    'ingest-of-single-rows': { ...ratio, unit: '× ingest of single rows', goal: '≥ 20', met: ratio.value >= 20 },
    'ingest-of-copy': {
      ...overRounds(measured, (round) => round.ingest1000 / round.copy),
      unit: '× COPY without rollups',
    },
    'ingest-of-unnest': {
      ...overRounds(measured, (round) => round.ingest1000 / round.unnest),
      unit: '× UNNEST without rollups',
    },
  };
  for (const size of BATCHES) bench.say(`batches of ${size}: ${peers[`ingest${size}`]} rows/s`);
  return { figures };
}

/** Calls of just now, of any tenant, each with an id of its own. */
function rowMaker(random: () => number): (count: number) => Row[] {
  let number = 0;
  const run = Date.now().toString(36);
  return (count) =>
    Array.from({ length: count }, () => {
      const tenant = 1 + Math.floor(random() * TENANTS);
      number += 1;
      return {
        tenant_id: tenantId(tenant),
        occurred_at: new Date().toISOString(),
        request_id: `req_${run}_${number}`,
        attempt: 1,
        kind: 'charge',
        key_id: keyId(tenant),
        workflow_id: workflowId(tenant),
        session: null,
        provider: 'openai',
        model: 'gpt-4o',
        input_tokens: 230,
        cached_input_tokens: 0,
        cache_write_tokens: 0,
        output_tokens: 60,
        reasoning_tokens: 0,
        units: null,
        cost_nanousd: 1_175_000,
        latency_ms: 640,
        first_token_ms: null,
        http_status: 200,
        outcome: 'ok',
        price_version: 1,
        grant_id: null,
      };
    });
}

const columns = COLUMNS.split(', ');
const TARGET = `platform.usage_records (${COLUMNS}, gateway_id)`;

async function insertOne(pool: Pool, [row]: readonly Row[]): Promise<number> {
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  await pool.query(
    `insert into ${TARGET} values (${places}, '${GATEWAY_ID}')`,
    columns.map((name) => row?.[name] ?? null),
  );
  return 1;
}

async function insertUnnest(pool: Pool, rows: readonly Row[]): Promise<number> {
  const lists = TYPES.split(', ').map((type, index) => `$${index + 1}::${type}[]`);
  await pool.query(
    `insert into ${TARGET} select *, '${GATEWAY_ID}'::uuid from unnest(${lists.join(', ')})`,
    columns.map((name) => rows.map((row) => row[name] ?? null)),
  );
  return rows.length;
}

async function insertCopy(pool: Pool, rows: readonly Row[]): Promise<number> {
  const lines = rows.map((row) => [...columns.map((name) => row[name] ?? String.raw`\N`), GATEWAY_ID].join('\t'));
  const client = await pool.connect();
  try {
    await copyIn(client, `copy ${TARGET} from stdin`, Buffer.from(`${lines.join('\n')}\n`));
  } finally {
    client.release();
  }
  return rows.length;
}
