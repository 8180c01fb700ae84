/** A cheaper model answers near the cap: set in the client's panel, obeyed by the gateway. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { LimitsTab } from './pages/limits-tab.ts';

// Clinic B is near its cap there, on any day.
test.use({ stage: 'inbox', role: 'admin' });

test('lets a cheaper model answer above a share of the cap, and takes the rule away', async ({
  page,
  platform,
  board,
}) => {
  const tenant = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  const limits = new LimitsTab(page);
  const model = () => callGateway(platform, tenant).then(({ headers }) => headers.get('x-tenantdesk-downgraded'));
  await board.openTenant(tenant.name);
  await limits.open();
  await limits.cheaper.getByRole('button', { name: 'Add rule' }).click();
  await limits.cheaper.getByRole('button', { name: 'Set this rule' }).click();
  await expect(limits.cheaper).toContainText('Name a model.');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await limits.cheaper.getByLabel('When a call asks for').fill('gpt-4o');
  await limits.cheaper.getByLabel('this one answers').fill('gpt-4o-mini');
  await limits.cheaper.getByLabel(/^above so many percent/).fill('1');
  await limits.cheaper.getByRole('button', { name: 'Set this rule' }).click();
  const rule = limits.cheaper.getByRole('listitem');
  await expect(rule).toContainText('gpt-4o → gpt-4o-mini');
  await expect(rule).toContainText('above 1 % of the monthly cap');
  await expect.poll(model, { intervals: [50] }).toBe('gpt-4o -> gpt-4o-mini');

  await rule.getByRole('button', { name: /^Remove/ }).click();
  await expect(rule).toHaveCount(0);
  await expect.poll(model, { intervals: [50] }).toBeNull();
});
