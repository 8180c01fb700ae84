/**
 * Somebody with all power over the database changes what the audit log says: every way we could think of, drawn at random, each
 * with the first bad entry that a check has to name.
 */
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';

export type TamperingKind =
  | 'edit'
  | 'editAndHash'
  | 'delete'
  | 'deleteAndRenumber'
  | 'reorder'
  | 'insert'
  | 'insertAndHash'
  | 'cut'
  | 'cutWithHead'
  | 'rewrite';

export interface Tampering {
  readonly kind: TamperingKind;
  /** What was done, for a failing test to tell. */
  readonly told: string;
  /** The first bad entry and what is wrong with it. */
  readonly seq: bigint;
  readonly what: 'edited' | 'missing' | 'order' | 'inserted' | 'cut' | 'rewritten';
}

export const TAMPERINGS: readonly TamperingKind[] = [
  'edit',
  'editAndHash',
  'delete',
  'deleteAndRenumber',
  'reorder',
  'insert',
  'insertAndHash',
  'cut',
  'cutWithHead',
  'rewrite',
];

/** These two leave a chain that fits together: found by who remembers its head, or by an anchor. */
export const isConsistent = (kind: TamperingKind): boolean => kind === 'cutWithHead' || kind === 'rewrite';

/** A chain of its own with so many entries. @returns its tenant; there is no such tenant otherwise. */
export async function appendEntries(superuser: Pool, count: number, tenantId: string = randomUUID()): Promise<string> {
  await superuser.query(
    `select platform.audit_append($1, null, 'writer', 'cap.set', 'cap:' || n, '{"limitNanoUsd": 1}',
       jsonb_build_object('limitNanoUsd', n, 'name', 'Zahnärztin "A", ₹'), case when n % 3 > 0 then 'why ' || n end)
     from generate_series(1, $2) n`,
    [tenantId, count],
  );
  return tenantId;
}

/** Does it to a chain of `length` entries (2 or more). Random numbers from 0 up to 1. */
export async function tamper(
  superuser: Pool,
  tenantId: string,
  length: number,
  kind: TamperingKind,
  random: () => number,
): Promise<Tampering> {
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const client = await superuser.connect();
  const run = (sql: string, ...values: unknown[]): Promise<unknown> => client.query(sql, [tenantId, ...values]);
  await client.query('begin');
  try {
    await client.query('set local session_replication_role = replica'); // past the append-only trigger
    const done = await TAMPER[kind]({ run, client, tenantId, length, between });
    await client.query('commit');
    return { kind, told: `${kind} of ${length}: ${done.told}`, seq: BigInt(done.seq), what: done.what };
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

interface Site {
  readonly run: (sql: string, ...values: unknown[]) => Promise<unknown>;
  readonly client: PoolClient;
  readonly tenantId: string;
  readonly length: number;
  readonly between: (least: number, most: number) => number;
}

interface Done {
  readonly seq: number;
  readonly what: Tampering['what'];
  readonly told: string;
}

/** Each leaves the entry different, whatever stood there. */
const EDITS = [
  `login = login || 'x'`,
  `action = 'cap.undo'`,
  `target = null`,
  `target = target || ' '`,
  `before = null`,
  `after = jsonb_set(after, '{limitNanoUsd}', '99')`,
  `after = after || '{"more": true}'`,
  `reason = case when reason is null then '' end`,
  `at = at - interval '1 microsecond'`,
  `operator_id = gen_random_uuid()`,
  `prev_hash = sha256(prev_hash)`,
  `hash = sha256(hash)`,
  `action = action || target, target = ''`,
  `login = left(login, 3), action = substr(login, 4) || action`,
];

const MOVE = `update platform.audit_log set seq = -seq where tenant_id = $1 and seq`;
const REHASH = `update platform.audit_log l set hash = platform.audit_hash(l) where tenant_id = $1 and seq = $2`;
const BACK = `update platform.audit_log set seq = -seq`;

const TAMPER: Readonly<Record<TamperingKind, (site: Site) => Promise<Done>>> = {
  async edit({ run, length, between }) {
    const seq = between(1, length);
    const change = EDITS[between(0, EDITS.length - 1)] ?? '';
    await run(`update platform.audit_log set ${change} where tenant_id = $1 and seq = $2`, seq);
    return { seq, what: 'edited', told: `${change} at ${seq}` };
  },
  async editAndHash({ run, length, between }) {
    const seq = between(1, length);
    await run(`update platform.audit_log set login = 'bob' where tenant_id = $1 and seq = $2`, seq);
    await run(REHASH, seq);
    return { seq, what: 'edited', told: `with its hash at ${seq}` };
  },
  async delete({ run, length, between }) {
    const from = between(1, length - 1);
    const to = between(from, length - 1);
    await run(`delete from platform.audit_log where tenant_id = $1 and seq between $2 and $3`, from, to);
    return { seq: from, what: 'missing', told: `${from} to ${to}` };
  },
  async deleteAndRenumber({ run, length, between }) {
    const seq = between(1, length - 1);
    await run(`delete from platform.audit_log where tenant_id = $1 and seq = $2`, seq);
    await run(`${MOVE} > $2`, seq);
    await run(`${BACK} - 1 where tenant_id = $1 and seq < 0`);
    return { seq, what: 'missing', told: `${seq}, the rest closed up` };
  },
  async reorder({ run, length, between }) {
    const one = between(1, length - 1);
    const other = between(one + 1, length);
    await run(`${MOVE} in ($2, $3)`, one, other);
    await run(
      `update platform.audit_log set seq = case -seq when $2::bigint then $3::bigint else $2 end where tenant_id = $1 and seq < 0`,
      one,
      other,
    );
    return { seq: one, what: 'order', told: `${one} and ${other} in each other's place` };
  },
  insert: (site) => insert(site, false),
  insertAndHash: (site) => insert(site, true),
  async cut({ run, length, between }) {
    const seq = between(1, length);
    await run(`delete from platform.audit_log where tenant_id = $1 and seq >= $2`, seq);
    return { seq, what: 'cut', told: `from ${seq} on` };
  },
  async cutWithHead({ run, length, between }) {
    const seq = between(1, length);
    await run(`delete from platform.audit_log where tenant_id = $1 and seq >= $2`, seq);
    await run('delete from platform.audit_heads where tenant_id = $1');
    await setHead(run);
    return { seq, what: 'cut', told: `from ${seq} on, and its head with it` };
  },
  async rewrite({ run, client, tenantId, length, between }) {
    const from = between(1, length);
    await run(`update platform.audit_log set login = 'bob' where tenant_id = $1 and seq = $2`, from);
    await client.query(
      `do $do$
       declare v_row platform.audit_log; v_hash bytea;
       begin
         for v_row in select * from platform.audit_log where tenant_id = '${tenantId}' and seq >= ${from} order by seq loop
           v_row.prev_hash := coalesce(v_hash, v_row.prev_hash);
           v_hash := platform.audit_hash(v_row);
           update platform.audit_log set prev_hash = v_row.prev_hash, hash = v_hash where tenant_id = v_row.tenant_id and seq = v_row.seq;
         end loop;
       end $do$`,
    );
    await run('delete from platform.audit_heads where tenant_id = $1');
    await setHead(run);
    return { seq: length, what: 'rewritten', told: `from ${from} on, all hashes and the head made anew` };
  },
};

async function insert({ run, length, between }: Site, hashed: boolean): Promise<Done> {
  const seq = between(1, length + 1);
  await run(`${MOVE} >= $2`, seq);
  await run(`${BACK} + 1 where tenant_id = $1 and seq < 0`);
  await run(
    `insert into platform.audit_log (tenant_id, seq, at, login, action, prev_hash, hash)
     select $1::uuid, $2::bigint, clock_timestamp(), 'bob', 'cap.set',
       coalesce((select hash from platform.audit_log where tenant_id = $1::uuid and seq = $2::bigint - 1), sha256(convert_to($1::uuid::text, 'UTF8'))),
       sha256('x')`,
    seq,
  );
  if (hashed) await run(REHASH, seq);
  return { seq, what: 'inserted', told: `at ${seq}${hashed ? ' with a hash that fits' : ''}` };
}

async function setHead(run: Site['run']): Promise<void> {
  await run(
    `insert into platform.audit_heads select tenant_id, seq, hash from platform.audit_log where tenant_id = $1 order by seq desc limit 1`,
  );
}

/** What a check says of a chain: the first bad entry; null: all is well. */
export type Verdict = { readonly seq: bigint; readonly what: string } | null;

export interface TamperingRun {
  readonly superuser: Pool;
  /** So many tamperings, the kinds in turn. */
  readonly count: number;
  readonly random: () => number;
  /** Looks at a chain. `head`: its head as somebody saw it before. */
  readonly check: (tenantId: string, head: { readonly seq: bigint; readonly hash: string }) => Promise<Verdict>;
}

/** Makes a chain, looks at it, tampers with it, looks again. @returns a line for each that was not named as it should be. */
export async function tamperMany({ superuser, count, random, check }: TamperingRun): Promise<string[]> {
  const wrong: string[] = [];
  for (let round = 0; round < count; round += 1) {
    const length = 2 + Math.floor(random() * 11);
    const tenantId = await appendEntries(superuser, length);
    const { rows } = await superuser.query<{ hash: string }>(
      `select encode(hash, 'hex') as hash from platform.audit_heads where tenant_id = $1`,
      [tenantId],
    );
    const head = { seq: BigInt(length), hash: rows[0]?.hash ?? '' };
    const before = await check(tenantId, head);
    if (before) wrong.push(`untouched: ${before.what} at ${before.seq}`);
    const kind = TAMPERINGS[round % TAMPERINGS.length] ?? 'edit';
    const { told, seq, what } = await tamper(superuser, tenantId, length, kind, random);
    const after = await check(tenantId, head);
    if (after?.seq !== seq || after.what !== what) {
      wrong.push(`${told}: ${after ? `${after.what} at ${after.seq}` : 'not found'}, should be ${what} at ${seq}`);
    }
  }
  return wrong;
}
