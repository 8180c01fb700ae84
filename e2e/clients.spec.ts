import type { TestInfo } from '@playwright/test';
import { findingsInBothThemes } from './fixtures/axe-findings.ts';
import type { PlatformFacts } from './fixtures/local-platform.ts';
import { callGateway } from './fixtures/tenant-calls.ts';
import { expect, test } from './fixtures/test.ts';
import { ClientPage } from './pages/client-page.ts';

interface Answer {
  readonly status: number;
  readonly code: unknown;
}

async function call(platform: PlatformFacts, apiKey: string): Promise<Answer> {
  const { status, body } = await callGateway(platform, { apiKey });
  const error = (body as { error?: { code?: unknown } }).error;
  return { status, code: error?.code };
}

/** Calls until the gateway answers so; notes the milliseconds since the click. */
async function obeyed(
  platform: PlatformFacts,
  apiKey: string,
  what: string,
  wanted: Partial<Answer>,
  click: () => Promise<void>,
  info: TestInfo,
): Promise<void> {
  const began = performance.now();
  await click();
  await expect.poll(() => call(platform, apiKey), { intervals: [5] }).toMatchObject(wanted);
  info.annotations.push({ type: 'ms from click', description: `${what}: ${Math.round(performance.now() - began)}` });
}

test.describe('an admin', () => {
  test.use({ role: 'admin' });
  test.describe.configure({ timeout: 120_000 });

  test('creates a client, whose key works until it is rotated out, revoked or the client suspended', async ({
    platform,
    page,
    board,
    audit,
    console,
  }, info) => {
    const clients = new ClientPage(page);
    const name = 'Café Zürich';
    const { login } = platform.operators.find(({ role }) => role === 'td_admin')!;
    await clients.openDialog();
    await page.keyboard.type(name);
    await expect(clients.field('Slug')).toHaveValue('cafe-zurich');
    await clients.choose('Currency', 'swiss', 'CHF · Swiss Franc');
    await clients.choose('Time zone', 'zurich', 'Europe/Zurich');
    await clients.create();
    const secret = await clients.copySecret();
    expect(secret).toMatch(/^td_[\w-]{43}$/);

    // The row came by itself, and the first call moves its gauge.
    await expect(board.gauge(name)).toHaveAttribute('aria-valuetext', /^0 % of \$50\.00 committed, \$0\.00 held/);
    expect(await callGateway(platform, { apiKey: secret }, 2000)).toMatchObject({ status: 200 });
    await expect(board.row(name)).toContainText('$0.02');
    await expect(clients.key('Production')).toContainText('last used', { timeout: 15_000 });
    await expect(clients.key('Production')).toContainText(`by ${login}`);

    // Rotated: both secrets work while they overlap.
    await clients.rotate('Production', 'for an hour');
    const next = await clients.copySecret();
    expect(next).not.toBe(secret);
    await expect(clients.key('Production')).toContainText(`old secret …${secret.slice(-4)} works until`);
    await expect.poll(() => call(platform, next)).toMatchObject({ status: 200 });
    expect(await call(platform, secret)).toMatchObject({ status: 200 });

    // Suspended and resumed, each after one question.
    await clients.suspend.click();
    await obeyed(
      platform,
      next,
      'suspended',
      { status: 403, code: 'tenant_suspended' },
      () => clients.confirm(`Suspend ${name}`).click(),
      info,
    );
    await expect(board.row(name)).toContainText('suspended');
    await clients.resume.click();
    await obeyed(platform, next, 'resumed', { status: 200 }, () => clients.confirm(`Resume ${name}`).click(), info);
    await expect(board.row(name)).not.toContainText('suspended');

    // Revoked: neither secret works.
    await clients.askRevoke('Production');
    await obeyed(
      platform,
      next,
      'revoked',
      { status: 401, code: 'key_revoked' },
      () => clients.confirm('Revoke Production').click(),
      info,
    );
    expect(await call(platform, secret)).toMatchObject({ status: 401, code: 'key_revoked' });
    await expect(clients.keys(name).first()).toContainText(new RegExp(`revoked \\d\\d:\\d\\d by ${login}`));

    await audit.open();
    for (const what of [
      'new client',
      'Production, rotated',
      'client suspended',
      'client resumed',
      'Production, revoked',
    ]) {
      await expect(audit.entries(name).filter({ hasText: what })).toHaveCount(1);
    }
    for (const place of [await page.content(), console.log(), platform.log()]) {
      expect(place).not.toContain(secret.slice(10, -5));
      expect(place).not.toContain(next.slice(10, -5));
    }
  });

  test('is told what is wrong with a client, and nothing is half done', async ({ platform, page, board }) => {
    const clients = new ClientPage(page);
    const taken = platform.tenants[0]!;
    await clients.openDialog();
    await clients.create();
    await expect(clients.dialog.getByText('A client’s name is missing.')).toBeVisible();
    await clients.field('Name').first().fill(taken.name.toUpperCase());
    await expect(clients.dialog.getByText(`There is a client named ${taken.name} already.`)).toBeVisible();
    await clients.field('Name').first().fill('x'.repeat(300));
    await expect(clients.dialog.getByText(/at most 200 characters; this one has 300/)).toBeVisible();
    await clients.field('Name').first().fill('invoice\u202Egnp.exe');
    await expect(clients.dialog.getByText(/characters that can’t be seen/)).toBeVisible();
    await clients.field('Name').first().fill('<img src=x onerror=alert(1)> مطعم الشرق');
    await clients.field('Slug').fill(taken.slug);
    await expect(clients.dialog.getByText(`${taken.name} has this slug already.`)).toBeVisible();
    await clients.field('Slug').fill('img-src');
    await clients.field('Monthly cap, USD').fill('-5');
    await expect(clients.dialog.getByText('An amount can’t be negative.')).toBeVisible();
    await clients.field('Monthly cap, USD').fill('20');
    await clients.create();
    await clients.copySecret();
    // Markup and the other direction stay text.
    await expect(page.getByRole('heading', { name: '<img src=x onerror=alert(1)> مطعم الشرق' })).toBeVisible();
    await expect(board.row('مطعم')).toHaveCount(1);
  });

  test('gets one key by a double click', async ({ platform, page, board }) => {
    const clients = new ClientPage(page);
    const { name } = platform.tenants.at(-1)!;
    await board.openTenant(name);
    await clients.tab('Keys').click();
    await expect(clients.keys(name)).toHaveCount(1);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('n8n');
    await page.getByRole('button', { name: 'Issue key' }).dblclick();
    await clients.copySecret();
    await expect(clients.keys(name)).toHaveCount(2);
    await clients.issue('N8N');
    await expect(page.getByRole('alert')).toContainText('has a key named N8N already');
  });

  test('axe finds nothing in the dialog, the tabs, the questions and beside a secret', async ({
    platform,
    page,
    board,
  }) => {
    const clients = new ClientPage(page);
    const { name } = platform.tenants.at(-2)!;
    await clients.openDialog();
    await clients.create();
    expect(await findingsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await board.openTenant(name);
    expect(await findingsInBothThemes(page)).toEqual([]);
    await clients.tab('Keys').click();
    await clients.suspend.click();
    await page.getByRole('button', { name: 'Rotate… Production' }).click();
    expect(await findingsInBothThemes(page)).toEqual([]);
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await expect(clients.secret).toBeVisible();
    expect(await findingsInBothThemes(page)).toEqual([]);
  });
});

const ROLES = [
  { role: 'operator', create: false, keys: 'change', suspend: true },
  { role: 'account_manager', create: false, keys: 'see', suspend: true },
  { role: 'auditor', create: false, keys: 'see', suspend: false },
  { role: 'viewer', create: false, keys: 'no', suspend: false },
] as const;

for (const { role, create, keys, suspend } of ROLES) {
  test.describe(`a window of the role ${role}`, () => {
    test.use({ role });

    test('says what it can’t do, and why', async ({ page, board }) => {
      const clients = new ClientPage(page);
      await expect(page.getByRole('link', { name: 'Audit' })).toHaveCount(role === 'viewer' ? 0 : 1);
      await expect(clients.newClient).toHaveAttribute('aria-disabled', String(!create));
      await expect(clients.newClient).toHaveAccessibleDescription(/Admins create clients/);
      await page.keyboard.press('n');
      await expect(clients.dialog).toHaveCount(0);
      await page.getByRole('row').nth(1).focus();
      await page.keyboard.press('Enter');
      await expect(clients.suspend).toHaveAttribute('aria-disabled', String(!suspend));
      await clients.tab('Keys').click();
      if (keys === 'no') {
        await expect(page.getByText('Your role, viewer, sees usage and caps, not keys.')).toBeVisible();
        return;
      }
      await expect(page.getByRole('button', { name: /^Rotate…/ }).first()).toHaveAttribute(
        'aria-disabled',
        String(keys !== 'change'),
      );
      await expect(page.getByText('Operators and admins issue, rotate and revoke keys.')).toHaveCount(
        keys === 'change' ? 0 : 1,
      );
      await expect(board.row('.').first()).toBeVisible();
    });
  });
}
