import { sql } from 'kysely';
import { z } from 'zod';
import type { SetModelsInput } from '../contract/limits.ts';
import type { Database } from '../infra/postgres/database.ts';

/** The models that a client may ask for; null: every one that has a price. Version 0: it never had a list. */
export interface ClientModels {
  models: string[] | null;
  version: number;
  asOf: Date;
}

export interface ModelsRepository {
  /** Undefined: no such tenant, or not for this operator. */
  find(tenantId: string): Promise<ClientModels | undefined>;
  set(change: SetModelsInput): Promise<{ version: number }>;
}

const changed = z.object({ version: z.int() });

export function createModelsRepository(database: Database): ModelsRepository {
  return {
    async find(tenantId) {
      const [row] = await database.rows((db) =>
        db
          .selectFrom('tenants as t')
          .leftJoin('tenant_models as m', 'm.tenant_id', 't.id')
          .select(['m.models', 'm.version', sql<Date>`now()`.as('at')])
          .where('t.id', '=', tenantId)
          .compile(),
      );
      return row && { models: row.models, version: row.version ?? 0, asOf: row.at };
    },
    async set({ tenantId, models, expectedVersion, idempotencyKey, reason }) {
      const found = await database.rows((db) =>
        sql<object>`select platform.set_tenant_models(${tenantId}, ${models}, ${expectedVersion}, ${idempotencyKey}, ${reason || null})
                      as answer`.compile(db),
      );
      const [row] = z.tuple([z.object({ answer: changed })]).parse(found);
      return row.answer;
    },
  };
}
