import { sql } from 'kysely';
import { z } from 'zod';
import type { Refusal, RefusalExplanation, TenantCall, TenantDetail } from '../contract/tenants.ts';
import type { Database } from '../infra/postgres/database.ts';
import { explanationOf, refusalRecord } from './refusal-record.ts';

export interface TenantsRepository {
  /** Undefined: no such tenant, or not for this operator. `month`: YYYY-MM, running in the tenant's zone. */
  find(
    tenantId: string,
  ): Promise<Pick<TenantDetail, 'status' | 'version' | 'anchorDay' | 'month' | 'asOf'> | undefined>;
  /** Usage of each workflow in the tenant's running calendar month, the dearest first; those without usage as well. */
  usageByWorkflow(tenantId: string, month: string): Promise<TenantDetail['workflows']>;
  /** What else was counted in that month. */
  counters(
    tenantId: string,
    month: string,
  ): Promise<Pick<TenantDetail, 'messages' | 'conversations' | 'integrationCalls'>>;
  /** The newest rows of the ledger, newest first. */
  lastCalls(tenantId: string, most: number): Promise<TenantCall[]>;
  /** The newest refusals, newest first. */
  lastRefusals(tenantId: string, most: number): Promise<Refusal[]>;
  /** Undefined: no such refusal among this operator's tenants. */
  explainRefusal(tenantId: string, requestId: string): Promise<RefusalExplanation | undefined>;
}

const STATUSES = z.enum(['active', 'suspended', 'archived']);
const KINDS = z.enum(['charge', 'estimate', 'correction']);
const explainAnswer = z.tuple([z.object({ facts: refusalRecord.nullable() })]);

export function createTenantsRepository(database: Database): TenantsRepository {
  return {
    async find(tenantId) {
      const [tenant] = await database.rows((db) =>
        db
          .selectFrom('tenants')
          .select([
            'status',
            'version',
            'anchor_day',
            sql<string>`to_char(timezone(time_zone, now()), 'YYYY-MM')`.as('month'),
            sql<Date>`now()`.as('as_of'),
          ])
          .where('id', '=', tenantId)
          .compile(),
      );
      if (tenant === undefined) return undefined;
      const { status, version, anchor_day: anchorDay, month, as_of: asOf } = tenant;
      return { status: STATUSES.parse(status), version, anchorDay, month, asOf };
    },
    async usageByWorkflow(tenantId, month) {
      const found = await database.rows((db) =>
        db
          .selectFrom('workflows as w')
          .leftJoin('usage_monthly as u', (join) =>
            join
              .onRef('u.tenant_id', '=', 'w.tenant_id')
              .onRef('u.workflow_id', '=', 'w.id')
              .on('u.month', '=', sql<string>`to_date(${month}, 'YYYY-MM')`),
          )
          .select(['w.id', 'w.slug', 'w.name', total('calls'), total('failed_calls'), total('cost_nanousd')])
          .select([latencyOf(month, 0.5).as('p50_ms'), latencyOf(month, 0.95).as('p95_ms')])
          .where('w.tenant_id', '=', tenantId)
          .groupBy(['w.tenant_id', 'w.id', 'w.slug', 'w.name'])
          .orderBy('cost_nanousd', 'desc')
          .orderBy('w.slug')
          .compile(),
      );
      return found.map((row) => ({
        workflowId: row.id,
        slug: row.slug,
        name: row.name,
        calls: Number(row.calls),
        failedCalls: Number(row.failed_calls),
        costNanoUsd: row.cost_nanousd,
        p50Ms: row.p50_ms,
        p95Ms: row.p95_ms,
      }));
    },
    async counters(tenantId, month) {
      const [found] = await database.rows((db) =>
        db
          .selectFrom('usage_tenant_monthly')
          .select(['messages', 'conversations', 'integration_calls'])
          .where('tenant_id', '=', tenantId)
          .where('month', '=', sql<string>`to_date(${month}, 'YYYY-MM')`)
          .compile(),
      );
      return {
        messages: Number(found?.messages ?? 0),
        conversations: Number(found?.conversations ?? 0),
        integrationCalls: Number(found?.integration_calls ?? 0),
      };
    },
    async lastCalls(tenantId, most) {
      const found = await database.rows((db) =>
        db
          .selectFrom('usage_records as u')
          .leftJoin('workflows as w', (join) =>
            join.onRef('w.tenant_id', '=', 'u.tenant_id').onRef('w.id', '=', 'u.workflow_id'),
          )
          .select(['u.request_id', 'u.attempt', 'u.kind', 'u.occurred_at', 'w.name', 'u.model', 'u.input_tokens'])
          .select(['u.cached_input_tokens', 'u.output_tokens', 'u.cost_nanousd', 'u.latency_ms', 'u.outcome'])
          .select('u.http_status')
          .where('u.tenant_id', '=', tenantId)
          .orderBy('u.occurred_at', 'desc')
          .limit(most)
          .compile(),
      );
      return found.map((row) => ({
        requestId: row.request_id,
        attempt: row.attempt,
        kind: KINDS.parse(row.kind),
        at: row.occurred_at,
        workflowName: row.name,
        model: row.model,
        inputTokens: row.input_tokens,
        cachedInputTokens: row.cached_input_tokens,
        outputTokens: row.output_tokens,
        costNanoUsd: row.cost_nanousd,
        latencyMs: row.latency_ms,
        outcome: row.outcome,
        httpStatus: row.http_status,
      }));
    },
    async lastRefusals(tenantId, most) {
      const found = await database.rows((db) =>
        db
          .selectFrom('refusals as r')
          .leftJoin('workflows as w', (join) =>
            join.onRef('w.tenant_id', '=', 'r.tenant_id').onRef('w.id', '=', 'r.workflow_id'),
          )
          .select(['r.request_id', 'r.refused_at', 'r.type', 'r.code', 'r.model', 'w.name'])
          .where('r.tenant_id', '=', tenantId)
          .orderBy('r.refused_at', 'desc')
          .limit(most)
          .compile(),
      );
      return found.map((row) => ({
        requestId: row.request_id,
        refusedAt: row.refused_at,
        type: row.type,
        code: row.code,
        model: row.model,
        workflowName: row.name,
      }));
    },
    async explainRefusal(tenantId, requestId) {
      const found = await database.rows((db) =>
        sql<object>`select platform.explain_refusal(${tenantId}, ${requestId}) as facts`.compile(db),
      );
      const [{ facts }] = explainAnswer.parse(found);
      return facts === null ? undefined : explanationOf(facts);
    },
  };
}

/** The sum of a workflow's rollup rows, 0 without any; back to bigint, as the sum of bigints is numeric. */
function total<Column extends 'calls' | 'failed_calls' | 'cost_nanousd'>(column: Column) {
  return sql<bigint>`coalesce(sum(${sql.ref(`u.${column}`)}), 0)::bigint`.as(column);
}

/** A percentile of a workflow's latencies, from the days of the month put together. */
function latencyOf(month: string, share: number) {
  return sql<number | null>`(
    select platform.latency_at(platform.sum_counts(d.latency), ${share}) from platform.usage_daily d
    where d.tenant_id = w.tenant_id and d.workflow_id = w.id
      and d.day >= to_date(${month}, 'YYYY-MM') and d.day < to_date(${month}, 'YYYY-MM') + interval '1 month')`;
}
