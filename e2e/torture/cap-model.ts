import { randomUUID } from 'node:crypto';
import type { TestTenant } from '../../src-platform/gateway/testing/tenant-calls.ts';
import { integerBetween, type Random } from '../../src-platform/local/seeded-random.ts';
import type { TestDatabase } from '../../src-platform/testing/test-database.ts';

/** What one cap must be when each change of it had one effect. */
export interface CapModel {
  next(random: Random): {
    readonly statement: string;
    readonly values: readonly unknown[];
    /** In words, for a message. */
    readonly expected: string;
  };
  /** The answer to the change that was told last; a sentence when it is another than that of its first effect. */
  done(answer: unknown): string | undefined;
  /** Sentences about what the database has else than this. */
  compare(db: TestDatabase): Promise<string[]>;
}

interface Answer {
  readonly version: number;
  readonly limit: number;
  readonly inForce: number;
  readonly overrideId?: string;
}

interface Change {
  readonly statement: string;
  readonly values: readonly unknown[];
  /** The limit of the cap itself after it. */
  readonly limit: bigint;
  /** Added to what overrides give. */
  readonly override: bigint;
  /** Of an override that it removes. */
  readonly removes?: string;
  readonly undoes: boolean;
}

/** As long as a change can be undone; asking may take longer on a busy machine, and is refused then. */
const UNDO_MS = 30_000;
const TOO_LATE = 'A change can be undone for';

const NANO = 1_000_000_000n;
const dollars = (random: Random, most: number): bigint => BigInt(integerBetween(random, 1, most)) * NANO;

/** Of a cap of a tenant of its own, whom nobody else writes. Amounts in nano-USD. */
export function createCapModel({ id: tenantId, capId }: TestTenant, firstLimit: bigint): CapModel {
  let limit = firstLimit;
  let version = 1;
  /** The limit before the last change; undefined: that can't be undone. */
  let before: bigint | undefined;
  /** When the last change was asked for, monotonic milliseconds. */
  let askedAt = 0;
  const overrides = new Map<string, bigint>();
  let changes = 0;
  let pending: Change | undefined;

  const given = (): bigint => [...overrides.values()].reduce((sum, amount) => sum + amount, 0n);

  function pick(random: Random): Change {
    const key = randomUUID();
    const which = random();
    const [oldest] = overrides;
    const unchanged = { limit, override: 0n, undoes: false };
    if (which < 0.25) {
      const amount = dollars(random, 5);
      const values = [tenantId, capId, amount, version, key];
      return {
        ...unchanged,
        statement: `add_cap_override($1, $2, $3, 'removed', null, $4, $5, null)`,
        values,
        override: amount,
      };
    }
    if (which < 0.45 && oldest !== undefined) {
      const [overrideId, amount] = oldest;
      const values = [tenantId, overrideId, key];
      const statement = 'remove_cap_override($1, $2, $3, null)';
      return { ...unchanged, statement, values, override: -amount, removes: overrideId };
    }
    if (which < 0.7 && before !== undefined) {
      const values = [tenantId, capId, version, key];
      return { ...unchanged, statement: 'undo_cap_change($1, $2, $3, $4)', values, limit: before, undoes: true };
    }
    let next = dollars(random, 50);
    if (next === limit) next += NANO;
    return {
      ...unchanged,
      statement: 'set_cap($1, $2, $3, $4, $5, null)',
      values: [tenantId, capId, next, version, key],
      limit: next,
    };
  }

  return {
    next: (random) => {
      if (performance.now() - askedAt > UNDO_MS) before = undefined;
      pending = pick(random);
      if (!pending.undoes) askedAt = performance.now();
      const { statement, values } = pending;
      const expected = `version ${version + 1}, limit ${pending.limit}, in force ${pending.limit + given() + pending.override}`;
      return { statement, values, expected };
    },
    done: (told) => {
      if (pending === undefined) return 'nothing was asked';
      if (pending.undoes && String(told).includes(TOO_LATE) && performance.now() - askedAt > UNDO_MS) {
        pending = undefined;
        before = undefined;
        return undefined;
      }
      const { version: toldVersion, limit: toldLimit, inForce, overrideId } = told as Answer;
      const { removes, override, undoes, statement } = pending;
      before = !undoes && statement.startsWith('set_cap') ? limit : undefined;
      limit = pending.limit;
      version += 1;
      changes += 1;
      if (removes !== undefined) overrides.delete(removes);
      else if (override > 0n && overrideId !== undefined) overrides.set(overrideId, override);
      pending = undefined;
      const right = toldVersion === version && BigInt(toldLimit) === limit && BigInt(inForce) === limit + given();
      return right ? undefined : `told ${JSON.stringify(told)}`;
    },
    compare: async (db) => {
      const { rows } = await db.owner.query<{ name: string; found: string }>(
        `select 'version' as name, version::text as found from platform.caps where tenant_id = $1 and id = $2
         union all select 'limit', limit_nanousd::text from platform.caps where tenant_id = $1 and id = $2
         union all select 'in force', max(limit_nanousd)::text from platform.cap_periods where tenant_id = $1 and cap_id = $2
         union all select 'overrides', coalesce(sum(amount_nanousd), 0)::text from platform.cap_overrides
           where tenant_id = $1 and cap_id = $2 and removed_at is null
         union all select 'changes', count(*)::text from platform.cap_changes where tenant_id = $1 and cap_id = $2
         union all select 'audit rows', count(*)::text from platform.audit_log where tenant_id = $1`,
        [tenantId, capId],
      );
      const expected: Readonly<Record<string, string>> = {
        version: `${version}`,
        limit: `${limit}`,
        'in force': `${limit + given()}`,
        overrides: `${given()}`,
        changes: `${changes}`,
        'audit rows': `${changes}`,
      };
      return rows.flatMap(({ name, found }) =>
        found === expected[name] || changes === 0 ? [] : [`cap ${capId}: ${name} is ${found}, not ${expected[name]}`],
      );
    },
  };
}
