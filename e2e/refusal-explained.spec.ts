import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { callGateway, spendUntilRefused } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';

test('a refusal explains itself, and the raise that is just enough lets the call pass', async ({
  page,
  platform,
  board,
  tenantPanel,
}) => {
  const clinic = platform.tenants.find(({ slug }) => slug === 'clinic-b')!;
  await board.openTenant(clinic.name);
  await spendUntilRefused(platform, clinic);

  // The list moves while the panel is open.
  await expect(tenantPanel.refusals.first()).toContainText('monthly cap reached');
  await tenantPanel.refusals.first().getByRole('button', { name: /why\?/ }).click();
  const why = tenantPanel.openedRefusal;
  await expect(why).toContainText(/The monthly cap had no room for this call: it could cost up to \$0\.\d+/);
  await expect(why).toContainText(/Raise the cap, or wait: it resets \d+ \w+ 00:00 IST\./);
  const month = tenantPanel.scopes.filter({ hasText: 'refused here' });
  await expect(month).toHaveCount(1);
  await expect(month).toContainText(/monthly cap · refused here.*% of \$/s);
  await expect(month).toContainText(/committed \$.* · held \$.*resets \d+ \w+ 00:00 IST/s);
  await expect(tenantPanel.scopes.filter({ hasText: 'no cap' }).first()).toBeVisible();

  expect(await findingsInBothThemes(page)).toEqual([]);

  const before = await board.cap(clinic.name);
  await why.getByRole('button', { name: /^Raise to \$[\d.]+ ?just enough/ }).click();
  await expect(why).toContainText('A call like it would pass now.');
  expect(await board.cap(clinic.name)).not.toBe(before);
  expect((await callGateway(platform, clinic)).status).toBe(200);
  await expect(board.row(clinic.name)).not.toContainText(/refusing since/);
});

test('the last calls of a client move while its panel is open', async ({ platform, board, tenantPanel }) => {
  const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  await board.openTenant(tenant.name);
  await expect(tenantPanel.calls.first()).toBeVisible();
  const newest = await tenantPanel.calls.first().locator('time').getAttribute('title');
  expect((await callGateway(platform, tenant)).status).toBe(200);
  await expect(tenantPanel.calls.first().locator('time')).not.toHaveAttribute('title', newest ?? '');
  await expect(tenantPanel.calls.first()).toContainText(/gpt-4o.*→ 50 tokens.*\$0\.0\d+.* · ok/s);
  // What the month’s calls took, workflow by workflow, and on the board the day’s.
  await expect(tenantPanel.workflows.first()).toContainText(/p50 [\d.]+ m?s · p95 [\d.]+ m?s.*\d %/s);
  await expect(tenantPanel.counted).toContainText(
    /[\d,]+ messages · [\d,]+ conversations · \d+ calls to other systems/,
  );
});

test('a model without a price says what to do, and the board who asked for it', async ({
  page,
  platform,
  board,
  tenantPanel,
}) => {
  const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  const answer = await fetch(`${platform.gateway}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: '<b>nobody-9</b>', messages: [{ role: 'user', content: 'hello' }] }),
  });
  expect(answer.status).toBe(400);
  await board.unpriced.getByText(/^1 model has no price: calls of 1 client are refused\./).click();
  const line = board.unpriced.getByRole('row').filter({ hasText: 'nobody-9' });
  await expect(line).toContainText(tenant.name);
  await expect(line.getByRole('cell').nth(1)).toHaveText('1');
  expect(await findingsInBothThemes(page)).toEqual([]);
  await line.getByRole('button', { name: tenant.name }).click();
  await board.unpriced.getByText(/has no price/).click();
  await tenantPanel.refusals.first().getByRole('button', { name: /why\?/ }).click();
  await expect(tenantPanel.refusals.first()).toContainText('“<b>nobody-9</b>” had no price in the price book');
  await expect(tenantPanel.refusals.first()).toContainText('An admin adds a price for the model');
});

test('what a silent gateway holds is shown, asked about once, and released', async ({
  page,
  platform,
  board,
  tenantPanel,
  audit,
}) => {
  const tenant = platform.tenants.find(({ slug }) => slug !== 'clinic-b')!;
  const owner = new Client({ connectionString: platform.postgres });
  await owner.connect();
  try {
    // A gateway that took money four minutes ago and was never heard again.
    const [gateway, grant] = [randomUUID(), randomUUID()];
    await owner.query('begin');
    await owner.query(`select platform.gateway_start($1, 'eu-2', '0', 'nowhere')`, [gateway]);
    await owner.query('select platform.take_grant($1, $2, null, null, $3, clock_timestamp(), 10000000, 10000000)', [
      gateway,
      tenant.id,
      grant,
    ]);
    await owner.query(`update platform.gateways set heartbeat_at = now() - interval '4 minutes' where id = $1`, [
      gateway,
    ]);
    await owner.query('commit');
  } finally {
    await owner.end();
  }
  await expect(board.notice).toContainText(/\$0\.010 held by gateway eu-2, silent since \d\d:\d\d: /, {
    timeout: 15_000,
  });
  await board.notice.getByRole('button', { name: tenant.name }).click();
  await expect(tenantPanel.orphaned).toContainText('$0.010 held by gateway eu-2, silent since');
  await tenantPanel.orphaned.getByRole('button', { name: 'Release $0.010…' }).click();
  await expect(tenantPanel.orphaned).toContainText(/the cap can be passed by up to \$0\.010/);
  expect(await findingsInBothThemes(page)).toEqual([]);
  await test.info().attach('orphaned', { body: await page.screenshot(), contentType: 'image/png' });
  await tenantPanel.orphaned.getByRole('button', { name: 'Keep it held' }).click();
  await tenantPanel.orphaned.getByRole('button', { name: 'Release $0.010…' }).click();
  await tenantPanel.orphaned.getByRole('button', { name: 'The gateway is gone: release $0.010' }).click();
  await expect(tenantPanel.orphaned).toHaveCount(0);
  await expect(board.notice).toHaveCount(0);
  await audit.open();
  await expect(audit.entries(tenant.name).first()).toContainText('$0.010 released to its caps');
});
