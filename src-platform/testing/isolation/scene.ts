import { randomBytes } from 'node:crypto';
import { makeGateway, makeOperator, type OperatorRole } from '../factories.ts';
import { makeFilledTenant } from '../filled-tenant.ts';
import { ledgerRecord } from '../ledger-record.ts';
import type { TestDatabase } from '../test-database.ts';

/** A tenant whose rows can be told from others': its id and its mark stand in them. */
export interface MarkedTenant {
  readonly id: string;
  /** In its names and texts. */
  readonly mark: string;
}

/** Somebody who asks, and the tenants whose rows they may see. */
export interface Reader {
  readonly label: string;
  /** As in `platform.expected_access`. */
  readonly role: string;
  readonly url: string;
  /** Set in each transaction; '': none. Absent: an operator. */
  readonly tenantId?: string;
  readonly allowed: readonly string[];
}

/** A table or view, and who reads what of it. */
export interface Relation {
  readonly name: string;
  readonly isView: boolean;
  readonly hasTenant: boolean;
  readonly columns: readonly string[];
  /** Cells of `platform.expected_access` by role. */
  readonly access: Readonly<Record<string, string>>;
}

/** A database with several tenants in every table, and all kinds of readers. */
export interface IsolationScene {
  readonly db: TestDatabase;
  readonly tenants: readonly MarkedTenant[];
  readonly readers: readonly Reader[];
  readonly relations: readonly Relation[];
}

const ROWS = 12;

export async function makeIsolationScene(db: TestDatabase, tenantCount = 4): Promise<IsolationScene> {
  const tenants: MarkedTenant[] = [];
  for (let index = 0; index < tenantCount; index += 1) tenants.push(await makeMarkedTenant(db));
  const readers: Reader[] = tenants.map(({ id }, index) => ({
    label: `tenant ${index}`,
    role: 'tenant',
    url: db.urlFor('td_tenant'),
    tenantId: id,
    allowed: [id],
  }));
  readers.push({ label: 'tenant, none set', role: 'tenant', url: db.urlFor('td_tenant'), tenantId: '', allowed: [] });
  const roles: OperatorRole[] = ['viewer', 'account_manager', 'operator', 'auditor'];
  for (const [index, role] of roles.entries()) {
    const allowed = tenants.slice(0, index === 0 ? 1 : 2).map(({ id }) => id);
    const { url } = await makeOperator(db, { role, tenantIds: allowed });
    readers.push({ label: `${role} of ${allowed.length}`, role, url, allowed });
    readers.push({ label: `${role}, no operator`, role, url: db.urlFor(`td_${role}`), allowed: [] });
  }
  // Statistics are one way of telling values: those of every table.
  await db.connect(db.superuserUrl).query('analyze');
  return { db, tenants, readers, relations: await readRelations(db) };
}

async function makeMarkedTenant(db: TestDatabase): Promise<MarkedTenant> {
  const mark = `zq${randomBytes(5).toString('hex')}`;
  const id = await makeFilledTenant(db, mark);
  const records = Array.from({ length: ROWS }, (_, index) =>
    ledgerRecord(id, { session: `${mark} ${index}`, model: `${mark}-${index % 3}`, cost_nanousd: index }),
  );
  await db
    .connect(db.gatewayUrl)
    .query('select platform.ingest($1, $2)', [await makeGateway(db), JSON.stringify({ records })]);
  await db.owner.query(
    `insert into platform.messages (tenant_id, conversation_id, author, content)
     select c.tenant_id, c.id, 'assistant', $2 || i from platform.conversations c, generate_series(1, $3::int) i
     where c.tenant_id = $1`,
    [id, mark, ROWS],
  );
  return { id, mark };
}

async function readRelations({ connect, superuserUrl }: TestDatabase): Promise<Relation[]> {
  const { rows } = await connect(superuserUrl).query<Relation>(
    `select c.relname as name, c.relkind = 'v' as "isView", array_agg(a.attname::text order by a.attnum) as columns,
       bool_or(a.attname = 'tenant_id') as "hasTenant",
       coalesce((select to_jsonb(e) from platform.expected_access() e where e.relation = c.relname), '{}') as access
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'platform'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
     group by c.oid order by 1`,
  );
  return rows;
}

/** Finds words of tenants that this reader must not see. */
export function foreignWords({ tenants }: IsolationScene, { allowed }: Pick<Reader, 'allowed'>): RegExp {
  const words = tenants.filter(({ id }) => !allowed.includes(id)).flatMap(({ id, mark }) => [id, mark]);
  return words.length > 0 ? new RegExp(words.join('|')) : /(?!)/;
}
