import { sql } from 'kysely';
import { z } from 'zod';
import type { Database } from '../infra/postgres/database.ts';

/** A cap before it is changed. */
export interface CapNow {
  readonly version: number;
  readonly limitNanoUsd: bigint;
  readonly changedBy: string | null;
  readonly changedAt: Date | null;
}

/** What the database answers when it has committed a change. Amounts in nano-USD. */
export interface CapChanged {
  readonly version: number;
  readonly limitNanoUsd: bigint;
  readonly previousLimitNanoUsd: bigint;
  readonly chargedNanoUsd: bigint;
  readonly warning: 'below_committed' | null;
  readonly changedAt: Date;
}

export interface SetCap {
  readonly tenantId: string;
  readonly capId: string;
  readonly limitNanoUsd: bigint;
  readonly expectedVersion: number;
  readonly idempotencyKey: string;
  readonly reason: string | null;
}

export interface CapsRepository {
  /** Undefined: there is no such cap, or not for this operator. */
  find(tenantId: string, capId: string): Promise<CapNow | undefined>;
  /** The limit a cap had in a version, from the log of its changes; undefined when it never had that version. */
  limitInVersion(tenantId: string, capId: string, version: number): Promise<bigint | undefined>;
  setCap(change: SetCap): Promise<CapChanged>;
}

/** Integers below 2^53 by the limits of a cap, so exact in JSON. */
const amount = z.int().transform(BigInt);
const setCapAnswer = z.object({
  version: z.int(),
  limit: amount,
  previousLimit: amount,
  charged: amount,
  warning: z.enum(['below_committed']).nullable(),
  changedAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});

export function createCapsRepository(database: Database): CapsRepository {
  return {
    async find(tenantId, capId) {
      const [cap] = await database.rows((db) =>
        db
          .selectFrom('caps as c')
          .leftJoin('operators as o', 'o.id', 'c.updated_by')
          .select(['c.version', 'c.limit_nanousd', 'o.login', 'c.updated_at'])
          .where('c.tenant_id', '=', tenantId)
          .where('c.id', '=', capId)
          .compile(),
      );
      return (
        cap && {
          version: cap.version,
          limitNanoUsd: cap.limit_nanousd,
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
    async setCap(change) {
      const found = await database.rows((db) =>
        sql<object>`
          select platform.set_cap(${change.tenantId}, ${change.capId}, ${change.limitNanoUsd}, ${change.expectedVersion},
                                  ${change.idempotencyKey}, ${change.reason}) as answer`.compile(db),
      );
      const [{ answer }] = z.tuple([z.object({ answer: setCapAnswer })]).parse(found);
      const { limit, previousLimit, charged, ...same } = answer;
      return { ...same, limitNanoUsd: limit, previousLimitNanoUsd: previousLimit, chargedNanoUsd: charged };
    },
  };
}
