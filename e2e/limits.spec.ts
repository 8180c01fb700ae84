/** What limits a client besides its own caps, seen and changed in its panel, obeyed by the gateway. */
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import type { PlatformFacts, PlatformTenant } from './fixtures/local-platform.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { startTestConsole } from './fixtures/test-console.ts';
import { AuditPage } from './pages/audit-page.ts';
import { BoardPage } from './pages/board-page.ts';
import { LimitsTab } from './pages/limits-tab.ts';

/** Status and code of a small call of the client's. */
async function answerTo(platform: PlatformFacts, tenant: PlatformTenant): Promise<{ status: number; code: unknown }> {
  const { status, body } = await callGateway(platform, tenant);
  return { status, code: (body as { error?: { code?: string } }).error?.code };
}

test.describe('an admin', () => {
  test.use({ role: 'admin' });

  test('caps a key, raises it with the same control, takes it away', async ({ page, platform, board }) => {
    const tenant = platform.tenants.find(({ slug }) => slug === 'salon-a')!;
    const limits = new LimitsTab(page);
    const call = () => answerTo(platform, tenant);
    await board.openTenant(tenant.name);
    await limits.open();
    const key = await limits.capFirstKey('0.00');
    const line = limits.cap(`key ${key}`);
    await expect(line).toContainText('of $0.00 this period');
    await expect(line.getByRole('meter')).toHaveAttribute('aria-valuetext', /100 % used/);
    await expect.poll(call, { intervals: [50] }).toEqual({ status: 402, code: 'key_month_cap' });
    expect(await findingsInBothThemes(page)).toEqual([]);

    await line.getByRole('button', { name: /^Change cap of/ }).click();
    const dialog = page.getByRole('dialog', { name: `Cap of ${tenant.name}, key ${key}` });
    await dialog.getByLabel(/^New cap of/).fill('9000');
    await dialog.getByRole('button', { name: 'Set cap' }).click();
    await expect(line).toContainText('of $9,000.00 this period');
    await line.getByRole('button', { name: /^Change cap of/ }).click();
    await expect.poll(call, { intervals: [50] }).toMatchObject({ status: 200 });

    await line.getByRole('button', { name: /^Remove…/ }).click();
    await line.getByRole('button', { name: 'Remove this cap' }).click();
    await expect(line).toHaveCount(0);
    expect(await call()).toMatchObject({ status: 200 });
  });

  test('sets a quota that the gateway obeys with 429, and takes it back', async ({ page, platform, board }) => {
    const tenant = platform.tenants.find(({ slug }) => slug === 'salon-a')!;
    const limits = new LimitsTab(page);
    const call = () => answerTo(platform, tenant);
    await board.openTenant(tenant.name);
    await limits.open();
    const line = limits.quota('Requests a day');
    await line.getByRole('button', { name: /^Set…/ }).click();
    await line.getByLabel('Requests a day, at most').fill('many');
    await line.getByRole('button', { name: 'Set quota' }).click();
    await expect(line).toContainText('Enter a whole number, like 600');
    await line.getByLabel('Requests a day, at most').fill('0');
    await line.getByRole('button', { name: 'Set quota' }).click();
    await expect(line).toContainText('of 0');
    await expect.poll(call, { intervals: [50] }).toEqual({ status: 429, code: 'requests_per_day' });

    await line.getByRole('button', { name: /^Undo/ }).click();
    await expect(line).toContainText('as the plan');
    await expect(line.getByRole('button', { name: /^Undo/ })).toHaveCount(0);
    await expect.poll(call, { intervals: [50] }).toMatchObject({ status: 200 });

    const audit = new AuditPage(page);
    await audit.open();
    await expect(audit.entries(tenant.name).first()).toContainText('requests per day');
    await expect(audit.entries(tenant.name).first()).toContainText('0 → ');
  });

  test('says which models a client may ask for', async ({ page, platform, board }) => {
    const tenant = platform.tenants.find(({ slug }) => slug === 'salon-a')!;
    const limits = new LimitsTab(page);
    const call = () => answerTo(platform, tenant);
    await board.openTenant(tenant.name);
    await limits.open();
    await expect(limits.models).toContainText('Every model that has a price');
    await limits.models.getByRole('button', { name: /^Set…/ }).click();
    const names = limits.models.getByLabel('Models that it may ask for');
    await names.fill('gpt*mini');
    await limits.models.getByRole('button', { name: 'Set models' }).click();
    await expect(limits.models).toContainText('is no name of a model');
    expect(await findingsInBothThemes(page)).toEqual([]);
    await names.fill('claude*, gpt-4o-mini');
    await limits.models.getByRole('button', { name: 'Set models' }).click();
    await expect(limits.modelList).toHaveText('claude*, gpt-4o-mini');
    await expect.poll(call, { intervals: [50] }).toMatchObject({ status: 403 });

    await limits.setModels('');
    await expect(limits.modelList).toHaveText('Every model that has a price.');
    await expect.poll(call, { intervals: [50] }).toMatchObject({ status: 200 });
  });

  test('keeps what was typed while another admin changes the same', async ({ page, platform, board, browser }) => {
    const tenant = platform.tenants.find(({ slug }) => slug === 'salon-a')!;
    const limits = new LimitsTab(page);
    await board.openTenant(tenant.name);
    await limits.open();
    await limits.models.getByRole('button', { name: /^Set…/ }).click();
    const names = limits.models.getByLabel('Models that it may ask for');
    await names.fill('gpt-4o-mini');

    const console = await startTestConsole(platform, 'admin');
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(console.newAddress());
    const theirs = new LimitsTab(other);
    await new BoardPage(other).openTenant(tenant.name);
    await theirs.open();
    await theirs.setModels('claude*');
    await expect(theirs.modelList).toHaveText('claude*');
    await expect(theirs.models.getByRole('status'), 'one’s own change is no news').toHaveCount(0);

    await expect(limits.models.getByRole('status')).toContainText('changed meanwhile');
    await expect(limits.modelList).toHaveText('claude*');
    await expect(names).toHaveValue('gpt-4o-mini');
    expect(await findingsInBothThemes(page)).toEqual([]);
    await limits.models.getByRole('button', { name: 'Set models' }).click();
    await expect(limits.modelList).toHaveText('gpt-4o-mini');
    await expect(theirs.modelList).toHaveText('gpt-4o-mini');
    await theirs.setModels('');
    await expect(limits.modelList).toHaveText('Every model that has a price.');
    await context.close();
    await console.close();
  });
});
