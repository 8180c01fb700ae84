import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { AuditFilter } from '../contract/audit.ts';
import type { Database } from '../infra/postgres/database.ts';
import { PLATFORM_CHAIN, type ChainHead, type ChainRow } from './chain-row.ts';

export interface KnownChain {
  readonly tenantId: string;
  /** Null: of the platform, or of a client that this operator does not see any more. */
  readonly name: string | null;
  /** Undefined: nothing was ever written to it, or its head is gone. */
  readonly head: ChainHead | undefined;
}

/** What narrows a chain's entries besides the chain itself. */
export type EntryFilter = Pick<AuditFilter, 'login' | 'action' | 'from' | 'to'>;

export interface ChainRepository {
  /** Every chain this operator may see, the platform's first. */
  chains(): Promise<KnownChain[]>;
  head(tenantId: string): Promise<ChainHead | undefined>;
  /** Entries behind `after`, in order. */
  page(tenantId: string, after: bigint, most: number, filter?: EntryFilter): Promise<ChainRow[]>;
  /** Entries of several chains, chain by chain in order. */
  together(tenantIds: readonly string[], most: number): Promise<ChainRow[]>;
  at(tenantId: string, seq: bigint): Promise<ChainRow | undefined>;
  placeOf(tenantId: string, hash: string): Promise<bigint | undefined>;
  /** The hashes that stand at these places; a place with no entry is left out. */
  hashesAt(places: readonly { readonly tenantId: string; readonly seq: bigint }[]): Promise<Map<string, string>>;
  /** What the platform's chain says of a tenant's heads; nothing for who does not see that chain. */
  anchorsOf(tenantId: string): Promise<ChainHead[]>;
  /** Notes the export in the audit log. Null: of everything this operator sees. */
  recordExport(wish: {
    readonly tenantId: string | null;
    readonly format: string;
    readonly filter: EntryFilter;
    readonly idempotencyKey: string;
  }): Promise<void>;
}

const recorded = z.object({ answer: z.object({ auditId: z.number() }) });

export function createChainRepository(database: Database): ChainRepository {
  const rowsOf = (narrow: RawBuilder<unknown>, most: number) =>
    database.rows((db) =>
      db
        .selectFrom('audit_log as l')
        .select(['l.tenant_id as tenantId', 'l.seq', 'l.operator_id as operatorId', 'l.login', 'l.action', 'l.target'])
        .select([sql<string>`l.id::text`.as('id'), 'l.reason'])
        .select(sql<string>`(extract(epoch from l.at) * 1000000)::bigint::text`.as('atMicros'))
        .select([sql<string | null>`l.before::text`.as('before'), sql<string | null>`l.after::text`.as('after')])
        .select([sql<string>`encode(l.prev_hash, 'hex')`.as('prevHash'), sql<string>`encode(l.hash, 'hex')`.as('hash')])
        .where(sql<boolean>`${narrow}`)
        .orderBy('l.tenant_id')
        .orderBy('l.seq')
        .limit(most)
        .compile(),
    );
  return {
    async chains() {
      const rows = await database.rows((db) =>
        sql<{ tenantId: string; name: string | null; seq: bigint | null; hash: string | null }>`
          select coalesce(h.tenant_id, t.id) as "tenantId", t.name, h.seq, encode(h.hash, 'hex') as hash
          from (select id, name from platform.tenants
                union all select ${PLATFORM_CHAIN}::uuid, null where (select platform.sees_all_tenants())) t
          full join platform.audit_heads h on h.tenant_id = t.id
          order by 1`.compile(db),
      );
      return rows.map(({ tenantId, name, seq, hash }) => ({
        tenantId,
        name,
        head: seq === null || hash === null ? undefined : { seq, hash },
      }));
    },
    async head(tenantId) {
      const [head] = await database.rows((db) =>
        db
          .selectFrom('audit_heads')
          .select(['seq', sql<string>`encode(hash, 'hex')`.as('hash')])
          .where('tenant_id', '=', tenantId)
          .compile(),
      );
      return head;
    },
    page: (tenantId, after, most, filter = {}) =>
      rowsOf(sql`l.tenant_id = ${tenantId} and l.seq > ${after} ${narrowing(filter)}`, most),
    together: (tenantIds, most) => rowsOf(sql`l.tenant_id = any (${[...tenantIds]}::uuid[])`, most),
    async at(tenantId, seq) {
      return (await rowsOf(sql`l.tenant_id = ${tenantId} and l.seq = ${seq}`, 1))[0];
    },
    async placeOf(tenantId, hash) {
      const [found] = await database.rows((db) =>
        db
          .selectFrom('audit_log')
          .select('seq')
          .where('tenant_id', '=', tenantId)
          .where('hash', '=', Buffer.from(hash, 'hex'))
          .orderBy('seq')
          .limit(1)
          .compile(),
      );
      return found?.seq;
    },
    async hashesAt(places) {
      const rows = await database.rows((db) =>
        sql<{ tenantId: string; hash: string }>`
          select l.tenant_id as "tenantId", encode(l.hash, 'hex') as hash
          from unnest(${places.map(({ tenantId }) => tenantId)}::uuid[], ${places.map(({ seq }) => seq)}::bigint[]) w(tenant_id, seq)
          join platform.audit_log l on l.tenant_id = w.tenant_id and l.seq = w.seq`.compile(db),
      );
      return new Map(rows.map(({ tenantId, hash }) => [tenantId, hash]));
    },
    anchorsOf: (tenantId) =>
      database.rows((db) =>
        sql<ChainHead>`
          select (after #>> array['heads', ${tenantId}::text, '0'])::bigint as seq, after #>> array['heads', ${tenantId}::text, '1'] as hash
          from platform.audit_log
          where tenant_id = ${PLATFORM_CHAIN} and action = 'audit.anchor' and after -> 'heads' ? ${tenantId}::text
          order by 1`.compile(db),
      ),
    async recordExport({ tenantId, format, filter, idempotencyKey }) {
      const rows = await database.rows((db) =>
        sql<object>`select platform.record_audit_export(${tenantId}, ${format}, ${JSON.stringify(filter)}::jsonb, ${idempotencyKey})
          as answer`.compile(db),
      );
      z.tuple([recorded]).parse(rows);
    },
  };
}

function narrowing({ login, action, from, to }: EntryFilter): RawBuilder<unknown> {
  const parts: RawBuilder<unknown>[] = [];
  if (login !== undefined) parts.push(sql`and l.login = ${login}`);
  if (action !== undefined) parts.push(sql`and l.action = ${action}`);
  if (from !== undefined) parts.push(sql`and l.at >= ${from}`);
  if (to !== undefined) parts.push(sql`and l.at < ${to}`);
  return parts.length === 0 ? sql`` : sql.join(parts, sql` `);
}
