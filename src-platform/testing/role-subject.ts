import { randomUUID } from 'node:crypto';
import { createClientDesk } from './client-desk.ts';
import { makeCap, makeKey, makeTenant, makeWorkflow, type MadeOperator } from './factories.ts';
import type { GrantDesk } from './grant-desk.ts';
import type { TestDatabase } from './test-database.ts';

/** A tenant with one of everything that a call can be about. */
export interface RoleSubject {
  readonly tenantId: string;
  readonly capId: string;
  /** Made by a change of the operator's own, so that it can be undone. */
  readonly capVersion: number;
  readonly keyId: string;
  readonly overrideId: string;
  /** Of a gateway that fell silent. */
  readonly grantId: string;
  /** Of a refusal. */
  readonly requestId: string;
}

/** What `operator` could not have made themselves is entered as the owner. An admin's change of it stands in the audit log. */
export async function makeRoleSubject(
  db: TestDatabase,
  desk: GrantDesk,
  people: { operator: MadeOperator; admin: MadeOperator },
  assigned: boolean,
): Promise<RoleSubject> {
  const { operator, admin } = people;
  const { owner } = db;
  const { id: tenantId } = await makeTenant(db);
  await makeWorkflow(db, tenantId);
  const { id: keyId } = await makeKey(db, tenantId);
  const capId = await makeCap(db, tenantId, { limitNanoUsd: 25_000_000_000n });
  if (assigned) {
    const assign = 'insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)';
    await owner.query(assign, [tenantId, operator.id]);
  }
  const [grantId, requestId, overrideId] = [randomUUID(), randomUUID(), randomUUID()];
  await desk.take({ tenantId, need: 1_000, grantId });
  const refusal = { request_id: requestId, refused_at: new Date(), http_status: 400, type: 'unpriced_model' };
  await desk.ingest({ refusals: [{ tenant_id: tenantId, ...refusal }] });
  await owner.query(`update platform.grants set state = 'orphaned' where id = $1`, [grantId]);
  await owner.query(
    `insert into platform.cap_overrides (tenant_id, id, cap_id, amount_nanousd, starts_at, until, created_by, created_at)
     values ($1, $2, $3, 1000, now(), 'removed', $4, now())`,
    [tenantId, overrideId, capId, operator.id],
  );
  await owner.query(
    `insert into platform.cap_changes (tenant_id, cap_id, version, old_limit_nanousd, new_limit_nanousd, kind, operator_id, at, idempotency_key)
     values ($1, $2, 2, 26000000000, 25000000000, 'lower', $3, clock_timestamp(), gen_random_uuid())`,
    [tenantId, capId, operator.id],
  );
  await owner.query('update platform.caps set version = 2 where id = $1', [capId]);
  await createClientDesk(db).issue(admin, { tenantId, name: 'of the admin' });
  await owner.query(`select platform.announce('operators', null)`);
  return { tenantId, capId, capVersion: 2, keyId, overrideId, grantId, requestId };
}
