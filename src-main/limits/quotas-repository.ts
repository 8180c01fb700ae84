import { sql } from 'kysely';
import { z } from 'zod';
import { quotaName, type Quota, type SetQuotaInput } from '../contract/limits.ts';
import type { Database } from '../infra/postgres/database.ts';

/** What a client may use besides money. */
export interface QuotasRepository {
  /** Undefined: no such tenant, or not for this operator. */
  list(tenantId: string): Promise<{ quotas: Quota[]; asOf: Date } | undefined>;
  set(change: SetQuotaInput): Promise<{ version: number }>;
}

const followsOf = z.enum(['plan', 'own']);
const changed = z.object({ version: z.int() });

export function createQuotasRepository(database: Database): QuotasRepository {
  return {
    async list(tenantId) {
      const found = await database.rows((db) =>
        sql<{
          quota: string;
          limit_count: bigint | null;
          plan_limit: bigint | null;
          follows: string;
          version: number;
          used: bigint | null;
          resets_at: Date | null;
          as_of: Date;
        }>`select * from platform.quota_usage(${tenantId})`.compile(db),
      );
      const [first] = found;
      if (first === undefined) return undefined;
      const quotas = found.map((row) => ({
        quota: quotaName.parse(row.quota),
        limit: row.limit_count,
        planLimit: row.plan_limit,
        follows: followsOf.parse(row.follows),
        version: row.version,
        used: row.used,
        resetsAt: row.resets_at,
      }));
      return { quotas, asOf: first.as_of };
    },
    async set({ tenantId, quota, setting, expectedVersion, idempotencyKey, reason }) {
      const limit = setting.follows === 'own' ? setting.limit : null;
      const found = await database.rows((db) =>
        sql<object>`select platform.set_quota(${tenantId}, ${quota}, ${setting.follows}, ${limit}, ${expectedVersion},
                                              ${idempotencyKey}, ${reason || null}) as answer`.compile(db),
      );
      const [row] = z.tuple([z.object({ answer: changed })]).parse(found);
      return row.answer;
    },
  };
}
