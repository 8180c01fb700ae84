import { sql } from 'kysely';
import { z } from 'zod';
import type { Downgrade, SetDowngradeInput } from '../contract/limits.ts';
import type { Database } from '../infra/postgres/database.ts';

/** Rules by which a cheaper model answers. */
export interface DowngradesRepository {
  /** Undefined: no such tenant, or not for this operator. `models`: those with a price in force. */
  list(tenantId: string): Promise<{ downgrades: Downgrade[]; models: string[]; asOf: Date } | undefined>;
  set(change: SetDowngradeInput): Promise<{ version: number }>;
}

const changed = z.object({ version: z.int() });

export function createDowngradesRepository(database: Database): DowngradesRepository {
  return {
    async list(tenantId) {
      const [tenant] = await database.rows((db) =>
        db
          .selectFrom('tenants')
          .select(sql<Date>`now()`.as('at'))
          .where('id', '=', tenantId)
          .compile(),
      );
      if (tenant === undefined) return undefined;
      const rules = await database.rows((db) =>
        db
          .selectFrom('model_downgrades')
          .select(['model', 'to_model', 'above_percent', 'version', 'active'])
          .where('tenant_id', '=', tenantId)
          .orderBy('model')
          .compile(),
      );
      const priced = await database.rows((db) =>
        db
          .selectFrom('model_prices')
          .select('model')
          .distinct()
          .where('valid_from', '<=', sql<Date>`now()`)
          .orderBy('model')
          .compile(),
      );
      const downgrades = rules.map(({ model, to_model, above_percent, version, active }) => ({
        model,
        toModel: to_model,
        abovePercent: above_percent,
        version,
        active,
      }));
      return { downgrades, models: priced.map(({ model }) => model), asOf: tenant.at };
    },
    async set({ tenantId, model, rule, expectedVersion, idempotencyKey, reason }) {
      const found = await database.rows((db) =>
        sql<object>`select platform.set_model_downgrade(${tenantId}, ${model}, ${rule?.toModel ?? null}, ${rule?.abovePercent ?? null},
                                                        ${expectedVersion}, ${idempotencyKey}, ${reason || null}) as answer`.compile(
          db,
        ),
      );
      const [row] = z.tuple([z.object({ answer: changed })]).parse(found);
      return row.answer;
    },
  };
}
