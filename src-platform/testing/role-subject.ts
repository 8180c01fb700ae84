import { randomUUID } from 'node:crypto';
import { createClientDesk } from './client-desk.ts';
import { makeCap, makeKey, makeTenant, makeWorkflow, type MadeOperator } from './factories.ts';
import type { GrantDesk } from './grant-desk.ts';
import { createRequestDesk } from './request-desk.ts';
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
  /** Of the client's own request for more under `capId`. */
  readonly increaseId: string;
  /** Of a raise of `capId` that the colleague asked for. */
  readonly raiseId: string;
  /** Of `capId`: half of it is spent, as far as the alert knows. */
  readonly alertId: string;
  /** Nobody asks for more under it. */
  readonly dayCapId: string;
}

/** In force in every month from 2025 on, version 1. */
const CONTRACT_FROM = '2025-01-01';

/** What `operator` could not have made themselves is entered as the owner. An admin's change of it stands in the audit log. */
export async function makeRoleSubject(
  db: TestDatabase,
  desk: GrantDesk,
  people: { operator: MadeOperator; admin: MadeOperator; colleague: MadeOperator },
  assigned: boolean,
): Promise<RoleSubject> {
  const { operator, admin, colleague } = people;
  const { owner } = db;
  const { id: tenantId } = await makeTenant(db);
  await makeWorkflow(db, tenantId);
  const { id: keyId } = await makeKey(db, tenantId);
  const capId = await makeCap(db, tenantId, { limitNanoUsd: 25_000_000_000n });
  if (assigned) {
    const assign = 'insert into platform.operator_tenants (tenant_id, operator_id) values ($1, $2)';
    await owner.query(assign, [tenantId, operator.id]);
  }
  const [grantId, requestId, overrideId, raiseId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await desk.take({ tenantId, need: 1_000, grantId });
  const refusal = { request_id: requestId, refused_at: new Date(), http_status: 400, type: 'unpriced_model' };
  const unpriced = { tenant_id: tenantId, provider: 'openai', model: 'unheard-of', request_id: requestId };
  await desk.ingest({ refusals: [{ tenant_id: tenantId, ...refusal }], unpriced: [unpriced] });
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
  const dayCapId = await makeCap(db, tenantId, { limitNanoUsd: 25_000_000_000n, period: 'day' });
  const alertId = randomUUID();
  await owner.query(
    `insert into platform.cap_alerts (tenant_id, id, cap_id, period_start, period_end, threshold, raised_at, charged_nanousd, limit_nanousd)
     select tenant_id, $2, cap_id, period_start, period_end, 50, now(), charged_nanousd, limit_nanousd
     from platform.cap_periods where cap_id = $1`,
    [capId, alertId],
  );
  await owner.query(`select platform.announce('alerts', $1)`, [tenantId]);
  const { requestId: increaseId = '' } = await createRequestDesk(db).askAsTenant(
    { url: db.gatewayUrl, id: desk.gatewayId },
    { tenantId, keyId, capId, amount: 5_000_000_000n },
  );
  await owner.query(
    `insert into platform.pending_raises
       (tenant_id, id, cap_id, cap_version, kind, amount_nanousd, new_limit_nanousd, requested_by, requested_at, expires_at)
     values ($1, $2, $3, 2, 'cap', 5000000000, 30000000000, $4, now(), now() + interval '24 hours')`,
    [tenantId, raiseId, capId, colleague.id],
  );
  await owner.query(
    `insert into platform.contracts
       (tenant_id, valid_from, currency, retainer_minor, other_direct_cost_minor, target_margin_bp, updated_at, updated_by)
     values ($1, $2, 'USD', 50000, 0, 6500, now(), $3)`,
    [tenantId, CONTRACT_FROM, admin.id],
  );
  await createClientDesk(db).issue(admin, { tenantId, name: 'of the admin' });
  await owner.query(`select platform.announce('operators', null)`);
  return {
    tenantId,
    capId,
    capVersion: 2,
    keyId,
    overrideId,
    grantId,
    requestId,
    increaseId,
    raiseId,
    alertId,
    dayCapId,
  };
}
