import type { PoolClient } from 'pg';
import { integerBetween, seededRandom, type Random } from '../../local/seeded-random.ts';
import { createPool } from '../create-pool.ts';
import type { RandomRun, RandomWork } from './run-random-queries.ts';
import { foreignWords, type IsolationScene } from './scene.ts';

export interface InterleavedRun extends RandomRun {
  /** Connections that all programs share, 1 to 4. */
  readonly connections: number;
  /** The tenants' login, directly or through a pooler. Default: directly. */
  readonly url?: string;
  /** What no program may do, to show that it is noticed: the tenant set for the session. */
  readonly forTheSession?: boolean;
}

/** Programs that work at the same time. */
const PROGRAMS = 8;

/**
 * Transactions of several tenants' programs that take turns on a few connections: reads, writes, savepoints, errors, roll-backs,
 * programs that name no tenant or do so outside of a transaction. Each row they meet must be their own.
 */
export async function runInterleaved(scene: IsolationScene, run: InterleavedRun): Promise<RandomWork> {
  const url = run.url ?? scene.db.urlFor('td_tenant');
  const pool = createPool(url, {
    applicationName: 'tenantdesk test',
    max: run.connections,
    connectTimeoutMs: 60_000,
    onIdleError: () => undefined,
  });
  const wrong: string[] = [];
  let left = run.count;
  let rows = 0;
  let errors = 0;
  const program = async (index: number): Promise<void> => {
    const random = seededRandom(`${run.seed}/${index}`);
    while (left > 0) {
      left -= 1;
      if (left % 50 === 0) run.goOn?.();
      const client = await pool.connect();
      const heard = await transaction(scene, client, random, run.forTheSession ?? false).finally(() =>
        client.release(),
      );
      rows += heard.rows;
      errors += heard.errors;
      const word = foreignWords(scene, { allowed: heard.tenantId === '' ? [] : [heard.tenantId] }).exec(
        heard.text,
      )?.[0];
      if (word !== undefined) wrong.push(`tenant ${heard.tenantId || 'none'} met ${word}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: PROGRAMS }, (_, index) => program(index)));
  } finally {
    await pool.end();
  }
  return { done: run.count, rows, errors, wrong };
}

interface Heard {
  readonly tenantId: string;
  readonly text: string;
  readonly rows: number;
  readonly errors: number;
}

async function transaction(
  scene: IsolationScene,
  client: PoolClient,
  random: Random,
  forTheSession: boolean,
): Promise<Heard> {
  const tenant = scene.tenants[integerBetween(random, 0, scene.tenants.length - 1)];
  // One in ten programs forgets to say for whom it works.
  const tenantId = random() < 0.1 ? '' : (tenant?.id ?? '');
  const texts: string[] = [];
  let errors = 0;
  const say = async (sql: string, values: readonly unknown[] = []): Promise<boolean> => {
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      for (const row of rows) texts.push(Object.values(row).map(String).join(' '));
      return true;
    } catch (error) {
      const { code, message, detail } = error as { code?: string; message: string; detail?: string };
      if (code === undefined) throw error;
      errors += 1;
      texts.push(`${message} ${detail ?? ''}`);
      return false;
    }
  };

  if (tenantId !== '' && random() < 0.05) {
    // Outside of a transaction the name is gone with its own statement; what comes next sees nothing.
    await client.query(`select set_config('app.current_tenant', $1, true)`, [tenantId]);
    await say('select tenant_id, name from platform.workflows');
    return { tenantId: '', text: texts.join('\n'), rows: texts.length, errors };
  }
  await client.query('begin');
  if (tenantId !== '') {
    await client.query(`select set_config('app.current_tenant', $1, $2)`, [tenantId, !forTheSession]);
  }
  const foreign = scene.tenants.find(({ id }) => id !== tenantId)?.id;
  for (let step = integerBetween(random, 1, 4); step > 0; step -= 1) {
    const [sql, values] = work(random, tenantId, foreign);
    await client.query('savepoint step');
    if (!(await say(sql, values))) await client.query('rollback to step');
  }
  const failing = random() < 0.2 && !(await say('select 1 / (count(*) - count(*)) from platform.messages'));
  await client.query(failing || random() < 0.3 ? 'rollback' : 'commit');
  return { tenantId, text: texts.join('\n'), rows: texts.length, errors };
}

/** One statement of a program; some try what they must not. */
function work(random: Random, tenantId: string, foreign: string | undefined): [sql: string, values: unknown[]] {
  const own = tenantId || null;
  const statements: [string, unknown[]][] = [
    ['select tenant_id, content from platform.messages', []],
    ['select tenant_id, session from platform.usage_records order by occurred_at limit 5', []],
    ['select tenant_id, count(*) from platform.messages group by 1', []],
    ['select id, name, slug from platform.tenants', []],
    ['select m.content, w.name from platform.messages m, platform.workflows w', []],
    [
      `insert into platform.messages (tenant_id, conversation_id, author, content)
       select tenant_id, id, 'user', 'words' from platform.conversations returning tenant_id`,
      [],
    ],
    [
      `update platform.messages set content = content || '.' where length(content) < 200 returning tenant_id, content`,
      [],
    ],
    [`delete from platform.messages where content like 'words%' returning tenant_id`, []],
    ['insert into platform.conversations (tenant_id) values ($1) returning tenant_id', [foreign]],
    ['update platform.messages set tenant_id = $1 returning content', [foreign]],
    ['delete from platform.messages where tenant_id = $1 returning content', [foreign]],
    ['select content from platform.messages where tenant_id is distinct from $1', [own]],
    ['select content::integer from platform.messages', []],
  ];
  return statements[integerBetween(random, 0, statements.length - 1)] ?? ['select', []];
}
