/** Margins: what each client earns, why it changed, and the contract it comes from. */
import { Client } from 'pg';
import { callGateway } from './fixtures/tenant-calls.ts';
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import { startTestPlatform, type PlatformTenant, type TestPlatform } from './fixtures/local-platform.ts';
import { startTestConsole } from './fixtures/test-console.ts';
import { expect, test } from './fixtures/test.ts';
import { MarginsPage } from './pages/margins-page.ts';
import { ReportsPage } from './pages/reports-page.ts';

/** From this month on the client pays a unit of its currency, less than its AI costs on any day. */
async function signLosingContract(platform: TestPlatform, tenant: PlatformTenant): Promise<void> {
  const admin = new Client({ connectionString: platform.operators.find(({ role }) => role === 'td_admin')!.postgres });
  await admin.connect();
  try {
    await admin.query(
      `select platform.set_contract(t.id, jsonb_build_object('validFrom', m.month, 'validUntil', null, 'currency', t.currency,
         'retainerMinor', 100, 'includedAiNanoUsd', null, 'overageMarkupBp', null, 'otherDirectCostMinor', 0, 'targetMarginBp', 6500),
         (select c.version from platform.contracts c where c.tenant_id = t.id and c.valid_from = m.month), gen_random_uuid(), null)
       from platform.tenants t, lateral (select date_trunc('month', now() at time zone t.time_zone)::date as month) m
       where t.id = $1`,
      [tenant.id],
    );
  } finally {
    await admin.end();
  }
}

const BROWSER = { tag: '@browser' };

test.describe('an operator', () => {
  test('sees fleet, trend and every client by loss, the running month live, and months that are over', async ({
    page,
    board: _board,
    platform,
  }) => {
    test.setTimeout(120_000);
    const margins = new MarginsPage(page);
    const loser = platform.tenants.find(({ slug }) => slug === 'kaveri-logistics')!;
    await signLosingContract(platform, loser);
    await page.keyboard.press('m');
    await expect(margins.table).toBeVisible();
    await expect(page.getByRole('region', { name: /^All clients/ })).toContainText('Margin, forecast');
    await expect(page.getByTitle(/^from .* % to/).first()).toBeVisible();
    const names = await margins.names();
    // Other specs may have made clients of their own.
    expect(names).toEqual(expect.arrayContaining(platform.tenants.map(({ name }) => name)));
    expect(names[0], 'the one that loses money stands first').toBe(loser.name);
    await expect(margins.row(loser.name)).toContainText('loses money');
    expect(await findingsInBothThemes(page)).toEqual([]);

    const tenant = platform.tenants.find(({ slug }) => slug === 'agency-c')!;
    const cost = margins.row(tenant.name).getByRole('gridcell').nth(3);
    const before = (await cost.textContent()) ?? '';
    expect(before).toMatch(/^₹[\d,]+\.\d\d$/);
    for (let call = 0; call < 5; call += 1) await callGateway(platform, tenant);
    await expect(cost, 'usage moved it').not.toHaveText(before, { timeout: 30_000 });

    await page.getByText('As a table').click();
    await expect(page.getByRole('table', { name: 'Margin of all clients by month' }).getByRole('row')).toHaveCount(14);
    await page.getByText('As a table').click();
    const [, last = ''] = await page
      .getByLabel('Month', { exact: true })
      .locator('option')
      .evaluateAll((options) => options.map((option) => (option instanceof HTMLOptionElement ? option.value : '')));
    await margins.choose(last);
    await expect(margins.table.getByRole('columnheader', { name: 'Margin, final' })).toBeVisible();
    await expect(margins.table.getByRole('columnheader', { name: /to date/ })).toHaveCount(0);
  });

  test('reads what drove a change, in steps that add up, and why the contract is not theirs to change', async ({
    page,
    board: _board,
  }) => {
    const margins = new MarginsPage(page);
    await margins.open();
    await margins.openTenant('Agency C');
    const panel = margins.panel('Agency C');
    const steps = panel.getByRole('table', { name: 'Steps from the month before' });
    const cells = await steps.getByRole('cell').allTextContents();
    const figures = cells.map((text) => Number(text.replace('−', '-').replace(' %', '')));
    const moved = figures.slice(1, -1).reduce((sum, step) => sum + step, 0);
    // Both margins are shown with one decimal, the steps with two.
    expect(Math.abs((figures[0] ?? 0) + moved - (figures.at(-1) ?? 0))).toBeLessThan(0.11);
    await expect(panel).toContainText(/1 INR = \$0\.\d+, rate of \d{4}-\d\d-\d\d \(Demo rate/);
    const edit = panel.getByRole('button', { name: 'Change the contract' });
    await expect(edit).toHaveAttribute('aria-disabled', 'true');
    await expect(panel).toContainText('Contracts and rates are changed by admins');
    expect(await findingsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
  });
});

test.describe('an admin', () => {
  test.use({ role: 'admin' });

  test('changes a contract: the page and the audit log have it; what can’t be read is said at its field', async ({
    page,
    board: _board,
    audit,
  }) => {
    const margins = new MarginsPage(page);
    await margins.open();

    const name = (await margins.names()).at(-1) ?? '';
    await margins.openTenant(name);
    await margins
      .panel(name)
      .getByRole('button', { name: /the contract|a contract/ })
      .click();
    const dialog = page.getByRole('dialog', { name: `Contract of ${name}` });
    expect(await findingsInBothThemes(page)).toEqual([]);
    await dialog.getByLabel('Retainer a month').fill('a lot');
    await dialog.getByRole('button', { name: 'Save the contract' }).click();
    await expect(dialog.getByRole('alert')).toContainText('is not an amount');
    await expect(dialog.getByLabel('Retainer a month')).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByLabel('Retainer a month').fill('12,34,567.50');
    await dialog.getByLabel('Reason').fill('Renewed <b>by phone</b>');
    await dialog.getByRole('button', { name: 'Save the contract' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(margins.row(name)).toContainText('12,34,567.50');
    await expect(margins.panel(name).getByRole('listitem').first()).toContainText('12,34,567.50');
    await audit.open();
    await expect(audit.entries(name).first()).toContainText('Renewed <b>by phone</b>');
  });

  test('enters today’s rate, and reads why one is refused', async ({ page, board: _board }) => {
    const margins = new MarginsPage(page);
    await margins.open();
    await page.getByRole('button', { name: 'Exchange rates' }).click();
    const dialog = page.getByRole('dialog', { name: 'Exchange rates' });
    await expect(dialog.getByRole('rowheader', { name: 'INR' })).toBeVisible();
    await dialog.getByLabel('Currency').fill('chf');
    await dialog.getByLabel(/^USD for one unit/).fill('1,1');
    await dialog.getByLabel(/^Source/).fill('bank');
    await dialog.getByRole('button', { name: 'Enter today’s rate' }).click();
    await expect(dialog.getByRole('alert')).toContainText('like 0.0118');
    expect(await findingsInBothThemes(page)).toEqual([]);
    await dialog.getByLabel(/^USD for one unit/).fill('1.1');
    await dialog.getByRole('button', { name: 'Enter today’s rate' }).click();
    await expect(dialog.getByRole('row', { name: /CHF 1\.1/ })).toBeVisible();
  });
});

test.describe('a viewer', () => {
  test.use({ role: 'viewer' });

  test('reads that margins are not theirs, on the page and on the board', async ({ page, board: _board, platform }) => {
    await expect(page.getByRole('row', { name: platform.tenants[0]!.name })).toContainText(
      'Your role, viewer, sees usage',
    );
    const margins = new MarginsPage(page);
    await margins.open();
    await expect(page.getByRole('heading', { name: 'Margins are not for your role' })).toBeVisible();
    await expect(margins.table).toHaveCount(0);
    expect(await findingsInBothThemes(page)).toEqual([]);
  });
});

test('no client: empty pages that say so', BROWSER, async ({ page: _page, browser }) => {
  test.setTimeout(120_000);
  const platform = await startTestPlatform({ tenants: 0, traffic: false });
  const console = await startTestConsole(platform, 'admin');
  const page = await browser.newPage();
  try {
    await console.open(page);
    await new MarginsPage(page).open();
    await expect(page.getByRole('heading', { name: /^No margin in/ })).toBeVisible();
    expect(await findingsInBothThemes(page)).toEqual([]);
    await new ReportsPage(page).open();
    await expect(page.getByRole('heading', { name: 'No month to report on' })).toBeVisible();
    expect(await findingsInBothThemes(page)).toEqual([]);
  } finally {
    await page.close();
    await console.close();
    await platform.stop();
  }
});
