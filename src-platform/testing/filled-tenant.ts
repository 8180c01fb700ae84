import { randomUUID } from 'node:crypto';
import { makeCap, makeGateway, makeKey, makeOperator, makeTenant, makeWorkflow } from './factories.ts';
import { ledgerRecord } from './ledger-record.ts';
import { asTenant } from './as-tenant.ts';
import type { TestDatabase } from './test-database.ts';

const USD_CONTRACT = {
  validFrom: '2026-01-01',
  currency: 'USD',
  retainerMinor: 50_000,
  otherDirectCostMinor: 0,
  targetMarginBp: 6_500,
};

const VALUE = { unit: 'questions answered', minutesSaved: '4', hourlyWorthMinor: 2_000 };
const brandOf = (name: string) => ({
  displayName: `brand of ${name}`,
  colour: '#205080',
  logo: null,
  footer: '',
  locale: 'en-IN',
});

/**
 * A tenant with a row in every table that has a tenant_id. A new table gets its row here: the access matrix fails without it.
 * @param name stands in its names and texts, so that they can be found where they don't belong. @returns its id.
 */
export async function makeFilledTenant(db: TestDatabase, name = 'filled'): Promise<string> {
  const { id } = await makeTenant(db, { name });
  const workflow = await makeWorkflow(db, id, 'support');
  const key = await makeKey(db, id, { name: `key of ${name}`, defaultWorkflowId: workflow });
  const cap = await makeCap(db, id, { limitNanoUsd: 1_000_000_000n });
  const gateway = await makeGateway(db);
  const asGateway = db.connect(db.gatewayUrl);
  await asGateway.query('select platform.take_grant($1, $2, $3, null, $4, now(), 10, 10)', [
    gateway,
    id,
    key.id,
    randomUUID(),
  ]);
  const refusal = {
    tenant_id: id,
    request_id: randomUUID(),
    refused_at: new Date(),
    http_status: 400,
    type: 'unpriced_model',
  };
  await asGateway.query('select platform.ingest($1, $2)', [
    gateway,
    JSON.stringify({
      records: [ledgerRecord(id, { workflow_id: workflow, session: `session of ${name}` })],
      counters: [{ tenant_id: id, id: 'crm-1', occurred_at: new Date(), integration: 'crm' }],
      refusals: [refusal],
      unpriced: [{ tenant_id: id, provider: 'openai', model: `model of ${name}`, request_id: refusal.request_id }],
    }),
  ]);
  const operator = db.connect((await makeOperator(db, { role: 'operator', tenantIds: [id] })).url);
  await operator.query('select platform.set_cap($1, $2, 2000000000, 1, $3, null)', [id, cap, randomUUID()]);
  await operator.query(`select platform.add_cap_override($1, $2, 1000000000, 'removed', null, 2, $3, null)`, [
    id,
    cap,
    randomUUID(),
  ]);
  await asGateway.query(`select platform.request_increase_for_tenant($1, $2, $3, null, 1000000000, $4)`, [
    gateway,
    id,
    key.id,
    `reason of ${name}`,
  ]);
  // Above the operator's limit: it waits for a second person.
  await operator.query('select platform.set_cap($1, $2, 900000000000, 3, $3, null)', [id, cap, randomUUID()]);
  await db.connect(db.superuserUrl).query(`select platform.audit_anchor('0')`);
  const admin = db.connect((await makeOperator(db, { role: 'admin' })).url);
  await admin.query(`select platform.set_quota($1, 'requests_per_minute', 'own', 1000, 0, $2, null)`, [
    id,
    randomUUID(),
  ]);
  await makeDowngrade(db, id, name);
  await admin.query(`select platform.set_tenant_models($1, array['gpt-*', $2], 0, $3, null)`, [
    id,
    `model of ${name}`,
    randomUUID(),
  ]);
  await asGateway.query('select platform.ingest($1, $2)', [
    gateway,
    // Above half of the cap: an alert.
    JSON.stringify({ records: [ledgerRecord(id, { cost_nanousd: 1_700_000_000 })] }),
  ]);
  await admin.query(`select platform.set_contract($1, $2, null, $3, null)`, [id, USD_CONTRACT, randomUUID()]);
  await admin.query('select platform.set_branding($1, $2, null, $3, null)', [id, brandOf(name), randomUUID()]);
  await admin.query('select platform.set_workflow_value($1, $2, $3, null, $4, null)', [
    id,
    workflow,
    VALUE,
    randomUUID(),
  ]);
  await asTenant(db.connect(db.urlFor('td_tenant')), id, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'insert into platform.conversations (tenant_id, workflow_id) values ($1, $2) returning id',
      [id, workflow],
    );
    await client.query(
      `insert into platform.messages (tenant_id, conversation_id, author, content) values ($1, $2, 'user', $3)`,
      [id, rows[0]?.id, `words of ${name}`],
    );
  });
  return id;
}

/** Calls of a model of its own are sent to another, which nobody gave a price: entered as the owner. */
async function makeDowngrade(db: TestDatabase, tenantId: string, name: string): Promise<void> {
  await db.owner.query(
    `insert into platform.model_downgrades (tenant_id, model, to_model, above_percent, updated_at) values ($1, $2, 'less', 80, now())`,
    [tenantId, `model of ${name}`],
  );
}
