import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOperator, makeTenant } from '../../testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { tenantId, workflowId } from '../register-platform.ts';
import { enterDemoBrands } from './demo-brands.ts';
import { THE_DOZEN } from './the-dozen.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  for (const { slug, name, currency, timeZone, workflows } of THE_DOZEN) {
    await makeTenant(db, { id: tenantId(slug), slug, name, currency, timeZone });
    for (const workflow of workflows) {
      await db.owner.query('insert into platform.workflows (tenant_id, id, slug, name) values ($1, $2, $3, $4)', [
        tenantId(slug),
        workflowId(slug, workflow.slug),
        workflow.slug,
        workflow.name,
      ]);
    }
  }
});
afterAll(() => db.close());

test('each of the dozen has a brand with its logo and values, entered once, as an admin enters them', async () => {
  const { url, login } = await makeOperator(db, { role: 'admin' });
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await enterDemoBrands(admin, THE_DOZEN);
    await enterDemoBrands(admin, THE_DOZEN);
  } finally {
    await admin.end();
  }
  const { rows } = await db.owner.query(
    `select count(distinct b.tenant_id)::int as brands, count(distinct b.logo)::int as logos, max(b.version) as version,
       count(distinct v.tenant_id)::int as valued, max(v.version) as value_version,
       (select count(*)::int from platform.audit_log a where a.login = $1 and a.action = 'branding.set') as entries
     from platform.brandings b left join platform.workflow_values v on v.tenant_id = b.tenant_id`,
    [login],
  );
  expect(rows).toEqual([{ brands: 12, logos: 12, version: 1, valued: 12, value_version: 1, entries: 12 }]);
});
