import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { CreateTenantInput, SetTenantStatusInput, TenantChoices, TenantStatus } from '../contract/tenants.ts';
import type { SecretParts } from '../infra/key-secrets.ts';
import type { Database } from '../infra/postgres/database.ts';

/** Making clients, and whether their calls are taken. */
export interface ClientRepository {
  plans(): Promise<TenantChoices['plans']>;
  /** IANA names, as the database will take them. */
  timeZones(): Promise<string[]>;
  create(client: CreateTenantInput & SecretParts): Promise<{ tenantId: string; keyId: string }>;
  setStatus(change: SetTenantStatusInput): Promise<TenantStatus>;
}

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const created = z.object({ tenantId: z.uuid(), keyId: z.uuid() });
const statusChanged = z.object({
  tenantId: z.uuid(),
  status: z.enum(['active', 'suspended']),
  version: z.int(),
  changedAt: instant,
});

export function createClientRepository(database: Database): ClientRepository {
  return {
    async plans() {
      const found = await database.rows((db) =>
        db
          .selectFrom('plans')
          .select(['id', 'name', 'max_tokens_per_message', 'usual_cap_nanousd'])
          .orderBy('max_tokens_per_message')
          .compile(),
      );
      return found.map((plan) => ({
        id: plan.id,
        name: plan.name,
        maxTokensPerMessage: plan.max_tokens_per_message,
        usualCapNanoUsd: plan.usual_cap_nanousd,
      }));
    },
    async timeZones() {
      const found = await database.rows((db) =>
        sql<{ name: string }>`
          select name from pg_catalog.pg_timezone_names where name = 'UTC' or name like '%/%' order by name`.compile(
          db,
        ),
      );
      return found.map(({ name }) => name);
    },
    create({ idempotencyKey, keyName, digest, prefix, last4, capNanoUsd, ...client }) {
      // Below 2^53 by the limits of a cap, so exact in JSON.
      const input = { ...client, capNanoUsd: Number(capNanoUsd), key: { name: keyName, digest, prefix, last4 } };
      return call(sql`platform.create_tenant(${JSON.stringify(input)}, ${idempotencyKey})`, created);
    },
    setStatus: ({ tenantId, status, expectedVersion, idempotencyKey, reason }) =>
      call(
        sql`platform.set_tenant_status(${tenantId}, ${status}, ${expectedVersion}, ${idempotencyKey}, ${reason || null})`,
        statusChanged,
      ),
  };

  /** Calls a function of the platform that changes something and reads its answer. */
  async function call<Answer>(text: RawBuilder<unknown>, answer: z.ZodType<Answer>): Promise<Answer> {
    const found = await database.rows((db) => sql<object>`select ${text} as answer`.compile(db));
    const [row] = z.tuple([z.object({ answer })]).parse(found);
    return row.answer;
  }
}
