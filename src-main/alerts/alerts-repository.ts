import { sql } from 'kysely';
import { z } from 'zod';
import type { AcknowledgeAlertInput, AlertList } from '../contract/alerts.ts';
import type { Database } from '../infra/postgres/database.ts';

export interface AlertsRepository {
  list(): Promise<AlertList>;
  acknowledge(input: AcknowledgeAlertInput): Promise<Date>;
}

const scopeOf = z.enum(['tenant', 'key', 'workflow']);
const periodOf = z.enum(['month', 'day']);
const acknowledged = z.object({
  acknowledgedAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
});

export function createAlertsRepository(database: Database): AlertsRepository {
  return {
    async list() {
      const found = await database.rows((db) =>
        sql<{
          id: string | null;
          tenant_id: string;
          tenant_name: string;
          time_zone: string;
          cap_id: string;
          cap_scope: string;
          cap_period: string;
          workflow_name: string | null;
          threshold: number;
          raised_at: Date;
          runs_out_at: Date | null;
          period_end: Date;
          charged_now_nanousd: bigint;
          limit_now_nanousd: bigint;
          as_of: Date;
        }>`
          select a.*, now() as as_of from (select now() as at) c left join platform.alerts a on true
          order by a.raised_at desc, a.id`.compile(db),
      );
      return {
        alerts: found.flatMap((row) =>
          row.id === null
            ? []
            : [
                {
                  alertId: row.id,
                  tenantId: row.tenant_id,
                  tenantName: row.tenant_name,
                  timeZone: row.time_zone,
                  cap: {
                    capId: row.cap_id,
                    scope: scopeOf.parse(row.cap_scope),
                    period: periodOf.parse(row.cap_period),
                    workflowName: row.workflow_name,
                    committedNanoUsd: row.charged_now_nanousd,
                    inForceNanoUsd: row.limit_now_nanousd,
                    periodEnd: row.period_end,
                  },
                  threshold: row.threshold,
                  runsOutAt: row.runs_out_at,
                  raisedAt: row.raised_at,
                },
              ],
        ),
        asOf: found[0]?.as_of ?? null,
      };
    },
    async acknowledge({ tenantId, alertId, idempotencyKey }) {
      const found = await database.rows((db) =>
        sql<object>`select platform.acknowledge_alert(${tenantId}, ${alertId}, ${idempotencyKey}) as answer`.compile(
          db,
        ),
      );
      const [row] = z.tuple([z.object({ answer: acknowledged })]).parse(found);
      return row.answer.acknowledgedAt;
    },
  };
}
