import { randomUUID } from 'node:crypto';
import { callPlatform } from './call-platform.ts';
import { makeCap, makeTenant } from './factories.ts';
import type { TestDatabase } from './test-database.ts';

/** What a function that changes a cap answers. Amounts in nano-USD. */
export interface CapChanged {
  capId: string;
  version: number;
  limit: number;
  previousLimit: number;
  inForce: number;
  charged: number;
  granted: number;
  warning: string | null;
  auditId: number;
  changedAt: string;
  undoSeconds?: number;
  overrideId?: string;
  amount?: number;
  endsAt?: string | null;
  /** It waits for a second person; nothing changed. */
  pending?: boolean;
  pendingId?: string;
}

export interface CapTarget {
  tenantId: string;
  capId: string;
}

/** Changes caps as operators do, by the platform's functions, each through the login it is given. */
export interface CapDesk {
  set(
    who: { url: string },
    change: CapTarget & { limit: bigint; version?: number | null; key?: string | null },
  ): Promise<CapChanged>;
  undo(who: { url: string }, change: CapTarget & { version: number | null; key?: string | null }): Promise<CapChanged>;
  add(
    who: { url: string },
    change: CapTarget & {
      amount: bigint | null;
      until?: string | null;
      /** Date and time in the tenant's zone. */
      endsLocal?: string | null;
      version?: number | null;
      key?: string | null;
      reason?: string | null;
    },
  ): Promise<CapChanged>;
  remove(
    who: { url: string },
    change: { tenantId: string; overrideId: string | null | undefined; key?: string | null; reason?: string | null },
  ): Promise<CapChanged>;
  /** A tenant with one cap. */
  cappedTenant(limitNanoUsd: bigint, timeZone?: string): Promise<CapTarget>;
  /** The date and time so many milliseconds from the database's now, in the tenant's zone. */
  localIn(tenantId: string, ms: number): Promise<string>;
  /** Resolves when that instant has passed by the database's clock. */
  untilPassed(instant: string): Promise<void>;
}

export function createCapDesk(db: TestDatabase): CapDesk {
  const ask = (who: { url: string }, call: string, values: unknown[]): Promise<CapChanged> =>
    callPlatform(db.connect(who.url), call, values);
  const keyOf = (key: string | null | undefined): string | null => (key === undefined ? randomUUID() : key);
  const versionOf = (version: number | null | undefined): number | null => (version === undefined ? 1 : version);
  return {
    set: (who, { tenantId, capId, limit, version, key }) =>
      ask(who, 'set_cap($1, $2, $3, $4, $5, null)', [tenantId, capId, limit, versionOf(version), keyOf(key)]),
    undo: (who, { tenantId, capId, version, key }) =>
      ask(who, 'undo_cap_change($1, $2, $3, $4)', [tenantId, capId, version, keyOf(key)]),
    add: (who, { tenantId, capId, amount, until = 'removed', endsLocal = null, version, key, reason = null }) =>
      ask(who, 'add_cap_override($1, $2, $3, $4, $5, $6, $7, $8)', [
        tenantId,
        capId,
        amount,
        until,
        endsLocal,
        versionOf(version),
        keyOf(key),
        reason,
      ]),
    remove: (who, { tenantId, overrideId, key, reason = null }) =>
      ask(who, 'remove_cap_override($1, $2, $3, $4)', [tenantId, overrideId, keyOf(key), reason]),
    async cappedTenant(limitNanoUsd, timeZone) {
      const { id } = await makeTenant(db, timeZone === undefined ? {} : { timeZone });
      return { tenantId: id, capId: await makeCap(db, id, { limitNanoUsd }) };
    },
    async localIn(tenantId, ms) {
      const { rows } = await db.owner.query<{ at: string }>(
        `select timezone(t.time_zone, clock_timestamp() + $2 * interval '1 millisecond')::text as at
         from platform.tenants t where t.id = $1`,
        [tenantId, ms],
      );
      const [row] = rows;
      if (!row) throw new Error('There is no such tenant.');
      return row.at;
    },
    async untilPassed(instant) {
      await db.owner.query(
        `select pg_sleep(greatest(0, extract(epoch from $1::timestamptz - clock_timestamp())) + 0.001)`,
        [instant],
      );
    },
  };
}

/** The refusal of a call that must be refused. */
export async function refusalOf(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; detail?: string }> {
  return promise.then(
    () => Promise.reject(new Error('It was not refused.')),
    (error: { code: string; message: string; detail?: string }) => error,
  );
}
