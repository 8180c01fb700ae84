import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { IssueKeyInput, RevokeKeyInput, RotateKeyInput, TenantKey } from '../contract/keys.ts';
import type { SecretParts } from '../infra/key-secrets.ts';
import type { Database } from '../infra/postgres/database.ts';

/** What the database answers when it has committed a change of a key. */
export interface KeyChanged {
  readonly keyId: string;
  readonly changedAt: Date;
  /** Until when the secret it had before is accepted; null: it was never rotated. */
  readonly previousUntil: Date | null;
}

export interface KeysRepository {
  /** Undefined: no such tenant, or not for this operator. */
  list(tenantId: string): Promise<{ keys: TenantKey[]; asOf: Date } | undefined>;
  issue(change: IssueKeyInput & SecretParts): Promise<KeyChanged>;
  rotate(change: RotateKeyInput & SecretParts): Promise<KeyChanged>;
  revoke(change: RevokeKeyInput): Promise<KeyChanged>;
}

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const changeAnswer = z.object({ keyId: z.uuid(), changedAt: instant, previousUntil: instant.nullable() });

export function createKeysRepository(database: Database): KeysRepository {
  return {
    async list(tenantId) {
      // From the keys' side nobody who may not see keys gets an empty list: the database refuses them the table.
      const found = await database.rows((db) =>
        db
          .selectFrom('tenants as t')
          .leftJoin('api_keys as k', 'k.tenant_id', 't.id')
          .leftJoin('workflows as w', (join) =>
            join.onRef('w.tenant_id', '=', 'k.tenant_id').onRef('w.id', '=', 'k.default_workflow_id'),
          )
          .leftJoin('operators as maker', 'maker.id', 'k.created_by')
          .leftJoin('operators as ender', 'ender.id', 'k.revoked_by')
          .select([
            'k.id',
            'k.name',
            'k.prefix',
            'k.last4',
            'k.version',
            'k.created_at',
            'k.last_used_at',
            'k.revoked_at',
          ])
          .select(['k.previous_last4', 'k.previous_until', 'w.name as workflow_name'])
          .select(['maker.login as created_by', 'ender.login as revoked_by', sql<Date>`now()`.as('as_of')])
          .where('t.id', '=', tenantId)
          .orderBy(sql`k.revoked_at is not null`)
          .orderBy('k.created_at', 'desc')
          .compile(),
      );
      const [first] = found;
      if (first === undefined) return undefined;
      return { keys: found.flatMap(keyOf), asOf: first.as_of };
    },
    issue: ({ tenantId, name, digest, prefix, last4, workflowId, idempotencyKey }) =>
      call(
        sql`platform.issue_key(${tenantId}, ${name}, ${digest}, ${prefix}, ${last4}, ${workflowId}, ${idempotencyKey})`,
      ),
    rotate: ({ tenantId, keyId, digest, prefix, last4, overlapSeconds, expectedVersion, idempotencyKey }) =>
      call(
        sql`platform.rotate_key(${tenantId}, ${keyId}, ${digest}, ${prefix}, ${last4}, ${overlapSeconds}, ${expectedVersion},
                                ${idempotencyKey}, null)`,
      ),
    revoke: ({ tenantId, keyId, expectedVersion, idempotencyKey, reason }) =>
      call(sql`platform.revoke_key(${tenantId}, ${keyId}, ${expectedVersion}, ${idempotencyKey}, ${reason || null})`),
  };

  async function call(text: RawBuilder<unknown>): Promise<KeyChanged> {
    const found = await database.rows((db) => sql<object>`select ${text} as answer`.compile(db));
    const [row] = z.tuple([z.object({ answer: changeAnswer })]).parse(found);
    return row.answer;
  }
}

/** A row as the list's statement answers it; all of the key is null where a tenant has none. */
interface KeyRow {
  id: string | null;
  name: string | null;
  prefix: string | null;
  last4: string | null;
  version: number | null;
  created_at: Date | null;
  created_by: string | null;
  last_used_at: Date | null;
  previous_last4: string | null;
  previous_until: Date | null;
  revoked_at: Date | null;
  revoked_by: string | null;
  workflow_name: string | null;
  as_of: Date;
}

function keyOf(row: KeyRow): TenantKey[] {
  const { id, name, prefix, last4, version, created_at, previous_last4, previous_until, revoked_at, as_of } = row;
  if (id === null || name === null || prefix === null || last4 === null || version === null || !created_at) return [];
  const overlaps = previous_last4 !== null && previous_until !== null && previous_until > as_of && revoked_at === null;
  return [
    {
      keyId: id,
      name,
      prefix,
      last4,
      version,
      workflowName: row.workflow_name,
      createdAt: created_at,
      createdBy: row.created_by,
      lastUsedAt: row.last_used_at,
      previous: overlaps ? { last4: previous_last4, until: previous_until } : null,
      revoked: revoked_at === null ? null : { at: revoked_at, by: row.revoked_by },
    },
  ];
}
