import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { TenantMonth } from '../contract/reports.ts';
import type { Database } from '../infra/postgres/database.ts';
import type { ExportNote } from './export-outbox.ts';
import { tenantMonthOf } from './tenant-month-text.ts';

const listRecord = z.object({
  as_of: z.date(),
  tenant_id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  currency: z.string(),
  colour: z.string(),
  calls: z.bigint().nullable(),
  cost_nanousd: z.bigint().nullable(),
  running: z.boolean(),
  state: z.string(),
});

/** A client in a month. */
export interface ListedClient {
  readonly tenantId: string;
  readonly name: string;
  readonly slug: string;
  readonly currency: string;
  readonly colour: string;
  readonly calls: number | null;
  readonly costNanoUsd: bigint | null;
  /** The month goes on in its zone. */
  readonly running: boolean;
  /** Another text whenever what the month's report tells has changed. */
  readonly state: string;
}

/** What this operator may see; a viewer gets OperatorError FORBIDDEN. Months are written "2026-10". */
export interface ReportsRepository {
  months(): Promise<{ month: string; basis: 'final' | 'running' }[]>;
  list(month: string): Promise<{ asOf: Date; clients: ListedClient[] }>;
  /** Those of the clients that are this operator's, read at one moment. BAD_REQUEST: the month has not begun for one of them. */
  tenantMonths(tenantIds: readonly string[], month: string): Promise<TenantMonth[]>;
  /** One entry of the audit log a key, however often it is told. `claimedAt`: null: it is made now. */
  recordExport(key: string, note: ExportNote, claimedAt: Date | null): Promise<void>;
}

export function createReportsRepository(database: Database): ReportsRepository {
  async function all<Record>(record: z.ZodType<Record>, text: RawBuilder<object>): Promise<Record[]> {
    return z.array(record).parse(await database.rows((db) => text.compile(db)));
  }
  return {
    async months() {
      const found = await all(
        z.object({ month: z.string(), running: z.boolean() }),
        sql`select month, running from platform.report_months(now())`,
      );
      return found.map(({ month, running }) => ({ month, basis: running ? 'running' : 'final' }));
    },
    async list(month) {
      // The join leaves one row of nothing where there is no client: its instant counts.
      const found = await all(
        z.union([listRecord, z.object({ as_of: z.date(), tenant_id: z.null() })]),
        sql`select now() as as_of, l.* from (select) clock
            left join platform.report_list(now(), ${firstDay(month)}) l on true`,
      );
      const [first] = found;
      if (first === undefined) throw new Error('PostgreSQL did not tell the time.');
      return { asOf: first.as_of, clients: found.flatMap((row) => (row.tenant_id === null ? [] : [clientOf(row)])) };
    },
    async tenantMonths(tenantIds, month) {
      const found = await all(
        z.object({ dataset: z.string().nullable() }),
        sql`select platform.tenant_month(now(), w.id, ${firstDay(month)})::text as dataset
            from unnest(${tenantIds}::uuid[]) with ordinality w(id, place) order by w.place`,
      );
      return found.flatMap(({ dataset }) => (dataset === null ? [] : [tenantMonthOf(dataset)]));
    },
    async recordExport(key, { tenantId, ...exported }, claimedAt) {
      await all(
        z.object({ audit_id: z.string() }),
        sql`select platform.record_report_export(${tenantId}, ${JSON.stringify(exported)}, ${claimedAt}, ${key}) ->> 'auditId' as audit_id`,
      );
    },
  };
}

function clientOf(row: z.infer<typeof listRecord>): ListedClient {
  return {
    tenantId: row.tenant_id,
    name: row.name,
    slug: row.slug,
    currency: row.currency,
    colour: row.colour,
    calls: row.calls === null ? null : Number(row.calls),
    costNanoUsd: row.cost_nanousd,
    running: row.running,
    state: row.state,
  };
}

const firstDay = (month: string): string => `${month}-01`;
