import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { AddCapInput, RemoveCapInput, ScopedCap } from '../contract/limits.ts';
import type { Database } from '../infra/postgres/database.ts';

/** Caps of keys and workflows: which there are, one more, one less. */
export interface ScopedCapsRepository {
  /** Undefined: no such tenant, or not for this operator. */
  list(tenantId: string): Promise<{ caps: ScopedCap[]; asOf: Date } | undefined>;
  add(change: AddCapInput): Promise<{ capId: string; version: number }>;
  remove(change: RemoveCapInput): Promise<{ capId: string; version: number }>;
}

const changed = z.object({ capId: z.uuid(), version: z.int() });
const scopeOf = z.enum(['key', 'workflow']);
const periodOf = z.enum(['month', 'day']);

export function createScopedCapsRepository(database: Database): ScopedCapsRepository {
  /** Calls a function of the platform that changes something and reads its answer. */
  async function call(text: RawBuilder<unknown>): Promise<z.infer<typeof changed>> {
    const found = await database.rows((db) => sql<object>`select ${text} as answer`.compile(db));
    const [row] = z.tuple([z.object({ answer: changed })]).parse(found);
    return row.answer;
  }

  return {
    async list(tenantId) {
      const [tenant] = await database.rows((db) =>
        sql<{ at: Date; sees_keys: boolean }>`
          select now() as at, has_table_privilege('platform.api_keys', 'select') as sees_keys
          from platform.tenants where id = ${tenantId}`.compile(db),
      );
      if (tenant === undefined) return undefined;
      const names = tenant.sees_keys
        ? sql`(select k.name from platform.api_keys k where k.tenant_id = c.tenant_id and k.id = c.key_id)`
        : sql`null::text`;
      const found = await database.rows((db) =>
        sql<{
          id: string;
          scope: string;
          of_id: string;
          of_name: string | null;
          period: string;
          version: number;
          limit_nanousd: bigint;
          override_nanousd: bigint;
          charged_nanousd: bigint | null;
          period_start: Date;
          period_end: Date;
          thresholds: number[];
        }>`
          select c.id, c.scope, coalesce(c.key_id, c.workflow_id) as of_id, coalesce(w.name, ${names}) as of_name, c.period,
            c.version, c.limit_nanousd, coalesce(o.amount, 0)::bigint as override_nanousd, p.charged_nanousd,
            coalesce(p.period_start, b.period_start) as period_start, coalesce(p.period_end, b.period_end) as period_end, c.thresholds
          from platform.caps c
          join platform.tenants t on t.id = c.tenant_id
          cross join lateral platform.period_bounds(c.period, t.time_zone, t.anchor_day, now()) b
          left join platform.workflows w on w.tenant_id = c.tenant_id and w.id = c.workflow_id
          left join platform.cap_periods p
            on p.tenant_id = c.tenant_id and p.cap_id = c.id and p.period_start <= now() and p.period_end > now()
          left join lateral (
            select sum(x.amount_nanousd) as amount from platform.cap_overrides x
            where x.tenant_id = c.tenant_id and x.cap_id = c.id and x.removed_at is null and (x.ends_at is null or x.ends_at > now())
          ) o on true
          where c.tenant_id = ${tenantId} and c.scope <> 'tenant' and c.removed_at is null
          order by c.scope desc, of_name, c.period desc, c.id`.compile(db),
      );
      const caps = found.map((row) => ({
        capId: row.id,
        scope: scopeOf.parse(row.scope),
        ofId: row.of_id,
        ofName: row.of_name,
        period: periodOf.parse(row.period),
        version: row.version,
        limitNanoUsd: row.limit_nanousd,
        overrideNanoUsd: row.override_nanousd,
        committedNanoUsd: row.charged_nanousd,
        periodStart: row.period_start,
        periodEnd: row.period_end,
        thresholds: row.thresholds,
      }));
      return { caps, asOf: tenant.at };
    },
    add: ({ tenantId, of, period, limitNanoUsd, idempotencyKey, reason }) =>
      call(
        sql`platform.add_cap(${tenantId}, ${of.scope}, ${idOf(of)}, ${period}, ${limitNanoUsd}, ${idempotencyKey}, ${reason || null})`,
      ),
    remove: ({ tenantId, capId, expectedVersion, idempotencyKey, reason }) =>
      call(sql`platform.remove_cap(${tenantId}, ${capId}, ${expectedVersion}, ${idempotencyKey}, ${reason || null})`),
  };
}

function idOf(of: AddCapInput['of']): string | null {
  if (of.scope === 'key') return of.keyId;
  return of.scope === 'workflow' ? of.workflowId : null;
}
