import { callGateway, spendUntilRefused } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';

test('a client that reached its cap is refused, raised with one click, and passes', async ({
  platform,
  board,
  audit,
}) => {
  const clinic = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  const other = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  await audit.open();
  const entriesBefore = await audit.entries(clinic.name).count();
  await board.open();
  const before = await board.cap(clinic.name);

  const refusal = await spendUntilRefused(platform, clinic);
  expect(refusal.body).toMatchObject({ error: { type: 'budget_exceeded', code: 'tenant_month_cap' } });
  await expect(board.row(clinic.name)).toContainText(/refusing/);
  await expect(board.gauge(clinic.name)).toHaveAttribute('aria-valuetext', /^(9[5-9]|100) % of /);
  expect((await callGateway(platform, other)).status, 'every other client keeps running').toBe(200);

  await board.raise(clinic.name, 10);
  await expect.poll(() => board.cap(clinic.name)).not.toBe(before);
  const after = await board.cap(clinic.name);
  expect((await callGateway(platform, clinic)).status).toBe(200);
  await expect(board.row(clinic.name)).not.toContainText(/refusing/);

  await audit.open();
  await expect(audit.entries(clinic.name)).toHaveCount(entriesBefore + 1);
  await expect(audit.entries(clinic.name).first()).toContainText(before);
  await expect(audit.entries(clinic.name).first()).toContainText(after);
});
