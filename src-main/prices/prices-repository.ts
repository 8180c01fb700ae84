import { sql } from 'kysely';
import { z } from 'zod';
import type { UnpricedModels } from '../contract/prices.ts';
import type { Database } from '../infra/postgres/database.ts';

export interface PricesRepository {
  /** The newest asked for first; what this operator may not see, the database leaves out. */
  unpriced(): Promise<UnpricedModels>;
}

/** A client may make names up: a list for eyes ends somewhere. */
const MOST = 200;

const unpricedRecord = z.object({
  tenant_id: z.uuid(),
  tenant_name: z.string(),
  provider: z.string(),
  model: z.string(),
  calls: z.bigint(),
  first_seen_at: z.date(),
  last_seen_at: z.date(),
});

export function createPricesRepository(database: Database): PricesRepository {
  return {
    async unpriced() {
      const [found, [clock]] = await Promise.all([
        database.rows((db) =>
          db
            .selectFrom('unpriced')
            .select(unpricedRecord.keyof().options)
            .orderBy('last_seen_at', 'desc')
            .orderBy('model')
            .limit(MOST + 1)
            .compile(),
        ),
        database.rows((db) => sql<{ now: Date }>`select now()`.compile(db)),
      ]);
      if (clock === undefined) throw new Error('PostgreSQL did not tell the time.');
      const models = z
        .array(unpricedRecord)
        .parse(found.slice(0, MOST))
        .map((row) => ({
          tenantId: row.tenant_id,
          tenantName: row.tenant_name,
          provider: row.provider,
          model: row.model,
          calls: Number(row.calls),
          firstAskedAt: row.first_seen_at,
          lastAskedAt: row.last_seen_at,
        }));
      return { models, more: found.length > MOST, asOf: clock.now };
    },
  };
}
