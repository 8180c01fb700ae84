import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { CapOverride } from '../contract/caps.ts';
import type { Database } from '../infra/postgres/database.ts';

/** A cap before it is changed. */
export interface CapNow {
  readonly version: number;
  readonly limitNanoUsd: bigint;
  /** What its overrides add to it. */
  readonly overrideNanoUsd: bigint;
  readonly changedBy: string | null;
  readonly changedAt: Date | null;
}

/** What the database answers when it has committed a change. Amounts in nano-USD. */
export interface CapChanged {
  readonly capId: string;
  readonly version: number;
  readonly limitNanoUsd: bigint;
  readonly previousLimitNanoUsd: bigint;
  /** With what the overrides add. */
  readonly inForceNanoUsd: bigint;
  readonly chargedNanoUsd: bigint;
  readonly warning: 'below_committed' | null;
  readonly changedAt: Date;
  /** It waits for a second person and nothing changed; null: it was made. */
  readonly waiting: { readonly pendingId: string; readonly amountNanoUsd: bigint; readonly expiresAt: Date } | null;
  /** Null: it can't be undone. */
  readonly undoSeconds: number | null;
}

export interface OverrideChanged extends Omit<CapChanged, 'undoSeconds'> {
  readonly overrideId: string | null;
  readonly amountNanoUsd: bigint;
  readonly endsAt: Date | null;
}

export interface SetCap {
  readonly tenantId: string;
  readonly capId: string;
  readonly limitNanoUsd: bigint;
  readonly expectedVersion: number;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

export interface UndoCap {
  readonly tenantId: string;
  readonly capId: string;
  readonly version: number;
  readonly idempotencyKey: string;
}

export interface AddOverride {
  readonly tenantId: string;
  readonly capId: string;
  readonly amountNanoUsd: bigint;
  readonly until: CapOverride['until'];
  /** In the tenant's zone, with until 'date'; else null. */
  readonly endsLocal: string | null;
  readonly expectedVersion: number;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

export interface RemoveOverride {
  readonly tenantId: string;
  readonly overrideId: string;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

export interface CapsRepository {
  /** Undefined: there is no such cap, or not for this operator. */
  find(tenantId: string, capId: string): Promise<CapNow | undefined>;
  /** The limit a cap had in a version, from the log of its changes; undefined when it never had that version. */
  limitInVersion(tenantId: string, capId: string, version: number): Promise<bigint | undefined>;
  setCap(change: SetCap): Promise<CapChanged>;
  undoCapChange(undo: UndoCap): Promise<CapChanged>;
  addOverride(change: AddOverride): Promise<OverrideChanged>;
  removeOverride(change: RemoveOverride): Promise<OverrideChanged>;
  /** Those in force now, the first to end first. */
  overrides(tenantId: string, capId: string): Promise<CapOverride[]>;
}

/** Integers below 2^53 by the limits of a cap, so exact in JSON. */
const amount = z.int().transform(BigInt);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const changeAnswer = z.object({
  capId: z.uuid(),
  version: z.int(),
  limit: amount,
  previousLimit: amount,
  inForce: amount,
  charged: amount,
  warning: z.enum(['below_committed']).nullable(),
  changedAt: instant,
  undoSeconds: z.int().nullish(),
  /** Of an override, and of a raise that waits for a second person. */
  amount: amount.default(0n),
  overrideId: z.uuid().nullable().default(null),
  endsAt: instant.nullable().default(null),
  pendingId: z.uuid().optional(),
  expiresAt: instant.optional(),
});
type ChangeAnswer = z.infer<typeof changeAnswer>;

export function createCapsRepository(database: Database): CapsRepository {
  return {
    async find(tenantId, capId) {
      const [cap] = await database.rows((db) =>
        db
          .selectFrom('caps as c')
          .leftJoin('operators as o', 'o.id', 'c.updated_by')
          .select((e) => [
            'c.version',
            'c.limit_nanousd',
            'o.login',
            'c.updated_at',
            e
              .selectFrom('cap_overrides as x')
              .select(sql<bigint>`coalesce(sum(x.amount_nanousd), 0)::bigint`.as('more'))
              .whereRef('x.tenant_id', '=', 'c.tenant_id')
              .whereRef('x.cap_id', '=', 'c.id')
              .where('x.removed_at', 'is', null)
              .where((x) => x.or([x('x.ends_at', 'is', null), x('x.ends_at', '>', sql<Date>`now()`)]))
              .as('more'),
          ])
          .where('c.tenant_id', '=', tenantId)
          .where('c.id', '=', capId)
          .compile(),
      );
      return (
        cap && {
          version: cap.version,
          limitNanoUsd: cap.limit_nanousd,
          overrideNanoUsd: cap.more ?? 0n,
          changedBy: cap.login,
          changedAt: cap.updated_at,
        }
      );
    },
    async limitInVersion(tenantId, capId, version) {
      const [change] = await database.rows((db) =>
        db
          .selectFrom('cap_changes')
          .select(['version', 'old_limit_nanousd', 'new_limit_nanousd'])
          .where('tenant_id', '=', tenantId)
          .where('cap_id', '=', capId)
          .where('version', 'in', [version, version + 1])
          .orderBy('version')
          .limit(1)
          .compile(),
      );
      return change?.version === version ? change.new_limit_nanousd : change?.old_limit_nanousd;
    },
    setCap: (change) =>
      call(
        sql`platform.set_cap(${change.tenantId}, ${change.capId}, ${change.limitNanoUsd}, ${change.expectedVersion},
                             ${change.idempotencyKey}, ${change.reason})`,
        changeAnswer,
      ).then(capChanged),
    undoCapChange: (undo) =>
      call(
        sql`platform.undo_cap_change(${undo.tenantId}, ${undo.capId}, ${undo.version}, ${undo.idempotencyKey})`,
        changeAnswer,
      ).then(capChanged),
    addOverride: (change) =>
      call(
        sql`platform.add_cap_override(${change.tenantId}, ${change.capId}, ${change.amountNanoUsd}, ${change.until},
                                      ${change.endsLocal}, ${change.expectedVersion}, ${change.idempotencyKey}, ${change.reason})`,
        changeAnswer,
      ).then(overrideChanged),
    removeOverride: (change) =>
      call(
        sql`platform.remove_cap_override(${change.tenantId}, ${change.overrideId}, ${change.idempotencyKey}, ${change.reason})`,
        changeAnswer,
      ).then(overrideChanged),
    async overrides(tenantId, capId) {
      const found = await database.rows((db) =>
        db
          .selectFrom('cap_overrides as x')
          .leftJoin('operators as o', 'o.id', 'x.created_by')
          .select(['x.id', 'x.amount_nanousd', 'x.until', 'x.ends_at', 'x.created_at', 'o.login', 'x.reason'])
          .where('x.tenant_id', '=', tenantId)
          .where('x.cap_id', '=', capId)
          .where('x.removed_at', 'is', null)
          .where((e) => e.or([e('x.ends_at', 'is', null), e('x.ends_at', '>', sql<Date>`now()`)]))
          .orderBy(sql`x.ends_at nulls last`)
          .orderBy('x.created_at')
          .compile(),
      );
      return found.map((row) => ({
        overrideId: row.id,
        amountNanoUsd: row.amount_nanousd,
        until: untilOf.parse(row.until),
        endsAt: row.ends_at,
        createdAt: row.created_at,
        createdBy: row.login,
        reason: row.reason,
      }));
    },
  };

  /** Calls a function of the platform that changes something and reads its answer. */
  async function call<Answer>(text: RawBuilder<unknown>, answer: z.ZodType<Answer>): Promise<Answer> {
    const found = await database.rows((db) => sql<object>`select ${text} as answer`.compile(db));
    const [row] = z.tuple([z.object({ answer })]).parse(found);
    return row.answer;
  }
}

const untilOf = z.enum(['period_end', 'date', 'removed']);

function capChanged(answer: ChangeAnswer): CapChanged {
  const { capId, version, warning, changedAt, pendingId, expiresAt } = answer;
  return {
    capId,
    version,
    limitNanoUsd: answer.limit,
    previousLimitNanoUsd: answer.previousLimit,
    inForceNanoUsd: answer.inForce,
    chargedNanoUsd: answer.charged,
    warning,
    changedAt,
    waiting: pendingId && expiresAt ? { pendingId, amountNanoUsd: answer.amount, expiresAt } : null,
    undoSeconds: answer.undoSeconds ?? null,
  };
}

function overrideChanged(answer: ChangeAnswer): OverrideChanged {
  const { undoSeconds: _never, ...changed } = capChanged(answer);
  const { overrideId, amount: amountNanoUsd, endsAt } = answer;
  return { ...changed, overrideId, amountNanoUsd, endsAt };
}
