import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { seededRandom, type Random } from '../../local/seeded-random.ts';
import { randomQueries, type RandomQuery } from './random-query.ts';
import { foreignWords, type IsolationScene, type Reader } from './scene.ts';

/** What came of a run; all but the counts must be empty. */
export interface RandomWork {
  readonly done: number;
  /** Rows that were looked at. */
  readonly rows: number;
  /** Answers that were errors, as many of them should be. */
  readonly errors: number;
  /** Answers with somebody else's rows or words, or other than the filter written out gives: the query and what was wrong. */
  readonly wrong: readonly string[];
}

export interface RandomRun {
  readonly count: number;
  readonly seed: string;
  /** Asked now and then; throws to end the run. */
  readonly goOn?: () => void;
}

interface Answer {
  readonly code: string;
  readonly rows: readonly string[];
  /** Everything a client hears. */
  readonly heard: string;
}

const WORKERS = 4;
const DIVISION_BY_ZERO = '22012';
/** Queries that are prepared for each login and asked again, for other tenants. */
const PREPARED = 40;

/**
 * Random queries of tenants and of operators with some tenants: tables, joins, aggregates, sub-queries, errors, statistics, partitions,
 * prepared statements. Each answer is compared with that of the same query with the filter written out, asked by the owner.
 */
export async function runRandomQueries(scene: IsolationScene, run: RandomRun): Promise<RandomWork> {
  const wrong: string[] = [];
  let left = run.count;
  let rows = 0;
  let errors = 0;
  const prepared = new Map<string, RandomQuery[]>();
  const worker = async (index: number): Promise<void> => {
    const random = seededRandom(`${run.seed}/${index}`);
    const make = randomQueries(scene, random);
    while (left > 0) {
      left -= 1;
      if (left % 100 === 0) run.goOn?.();
      const reader = pick(random, scene.readers);
      const { query, name } = random() < 0.2 ? again(prepared, reader, () => make(reader), random) : once(make(reader));
      const answer = await ask(scene.db.connect(reader.url, WORKERS), reader, query.sql, name);
      rows += answer.rows.length;
      errors += answer.code === '' ? 0 : 1;
      const fault = await judge(scene, reader, query, answer);
      if (fault !== undefined) wrong.push(`${reader.label}: ${fault}\n${query.sql}`);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, index) => worker(index)));
  return { done: run.count, rows, errors, wrong };
}

async function judge(
  scene: IsolationScene,
  reader: Reader,
  query: RandomQuery,
  answer: Answer,
): Promise<string | undefined> {
  const word = foreignWords(scene, reader).exec(answer.heard)?.[0];
  if (word !== undefined) return `heard ${word}: ${answer.heard.slice(0, 300)}`;
  if (query.refused) return answer.code === '42501' ? undefined : `not refused: ${answer.code || 'rows'}`;
  if (query.truth === null) return answer.code === '' ? undefined : answer.heard;
  const truth = await ask(scene.db.owner, undefined, query.truth(reader.allowed), undefined);
  if (truth.code !== answer.code) {
    const fine = failsOnOwnRow(reader, query, [truth, answer]);
    return fine ? undefined : `${answer.heard || 'no error'} instead of ${truth.heard || 'no error'}`;
  }
  const [seen, expected] = [answer.rows.toSorted().join('\n'), truth.rows.toSorted().join('\n')];
  return seen === expected ? undefined : `${answer.rows.length} rows instead of ${truth.rows.length}, or others`;
}

/**
 * Conditions are evaluated in the order the planner likes, so one that fails on a row may be met in one of the plans alone. No harm while
 * every tenant whose row it fails on is the reader's own.
 */
function failsOnOwnRow(reader: Reader, { sql }: RandomQuery, answers: readonly Answer[]): boolean {
  const failing = [...sql.matchAll(/1 \/ \(case when \w+\.tenant_id = '([0-9a-f-]{36})'/g)].map(([, id = '']) => id);
  return (
    answers.every(({ code }) => code === '' || code === DIVISION_BY_ZERO) &&
    failing.length > 0 &&
    failing.every((id) => reader.allowed.includes(id))
  );
}

async function ask(pool: Pool, reader: Reader | undefined, sql: string, name: string | undefined): Promise<Answer> {
  const client = await pool.connect();
  const inTransaction = reader?.tenantId !== undefined;
  try {
    if (inTransaction) await client.query(`begin; select set_config('app.current_tenant', '${reader.tenantId}', true)`);
    const { rows } = await client.query<{ row: string }>(name === undefined ? sql : { name, text: sql });
    const texts = rows.map(({ row }) => row);
    return { code: '', rows: texts, heard: texts.join('\n') };
  } catch (error) {
    return failure(error);
  } finally {
    await leave(client, inTransaction);
  }
}

async function leave(client: PoolClient, inTransaction: boolean): Promise<void> {
  if (inTransaction) await client.query('rollback');
  client.release();
}

function failure(error: unknown): Answer {
  const { code, message, detail, hint, where } = error as Record<string, string | undefined>;
  if (code === undefined) throw error;
  return { code, rows: [], heard: [code, message, detail, hint, where].filter(Boolean).join(' | ') };
}

const once = (query: RandomQuery): { query: RandomQuery; name: undefined } => ({ query, name: undefined });

/** A query that this login asked before, perhaps for another tenant: its plan is kept, its filter must not be. */
function again(
  prepared: Map<string, RandomQuery[]>,
  { url }: Reader,
  make: () => RandomQuery,
  random: Random,
): { query: RandomQuery; name: string } {
  const known = prepared.get(url) ?? [];
  prepared.set(url, known);
  if (known.length < PREPARED) known.push(make());
  const index = Math.floor(random() * known.length);
  const query = known[index] ?? make();
  return { query, name: createHash('md5').update(query.sql).digest('hex') };
}

function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
}
