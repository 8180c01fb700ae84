import { sql } from 'kysely';
import { z } from 'zod';
import type { ReleaseGrantInput } from '../contract/grants.ts';
import type { Database } from '../infra/postgres/database.ts';

/** A grant whose gateway fell silent, with what it holds beyond its charges. */
export interface OrphanedRow {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly grantId: string;
  readonly gatewayName: string;
  readonly heardAt: Date;
  readonly heldNanoUsd: bigint;
}

export interface Released {
  readonly gatewayName: string;
  readonly releasedNanoUsd: bigint;
  readonly releasedAt: Date;
}

export interface GrantsRepository {
  /** The largest first. `asOf`: when the database answered. */
  orphaned(): Promise<{ rows: OrphanedRow[]; asOf: Date }>;
  release(change: ReleaseGrantInput): Promise<Released>;
}

const releaseAnswer = z.object({
  gateway: z.string(),
  released: z.int().transform(BigInt),
  releasedAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});

export function createGrantsRepository(database: Database): GrantsRepository {
  return {
    async orphaned() {
      const found = await database.rows((db) =>
        db
          .selectFrom(sql<{ at: Date }>`(select now() as at)`.as('clock'))
          .leftJoin('grants as g', (join) =>
            join.on('g.state', '=', 'orphaned').on('g.amount_nanousd', '>', (value) => value.ref('g.charged_nanousd')),
          )
          .leftJoin('gateways as s', 's.id', 'g.gateway_id')
          .leftJoin('tenants as t', 't.id', 'g.tenant_id')
          .select([
            'clock.at as as_of',
            't.id as tenant_id',
            't.name as tenant_name',
            'g.id as grant_id',
            's.name as gateway_name',
            's.heartbeat_at',
            sql<bigint>`g.amount_nanousd - g.charged_nanousd`.as('held_nanousd'),
          ])
          .orderBy('held_nanousd', 'desc')
          .compile(),
      );
      const rows = found.flatMap(({ tenant_id, tenant_name, grant_id, gateway_name, heartbeat_at, held_nanousd }) =>
        tenant_id === null || tenant_name === null || grant_id === null || gateway_name === null || !heartbeat_at
          ? []
          : {
              tenantId: tenant_id,
              tenantName: tenant_name,
              grantId: grant_id,
              gatewayName: gateway_name,
              heardAt: heartbeat_at,
              heldNanoUsd: held_nanousd,
            },
      );
      return { rows, asOf: found[0]?.as_of ?? new Date(0) };
    },
    async release({ tenantId, grantId, idempotencyKey }) {
      const found = await database.rows((db) =>
        sql<object>`
          select platform.release_orphaned_grant(${tenantId}, ${grantId}, ${idempotencyKey}, null) as answer`.compile(
          db,
        ),
      );
      const [{ answer }] = z.tuple([z.object({ answer: releaseAnswer })]).parse(found);
      return { gatewayName: answer.gateway, releasedNanoUsd: answer.released, releasedAt: answer.releasedAt };
    },
  };
}
